import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from 'srvx/node';
import { DataError } from '../errors.ts';
import type { Handler } from '../serve/handler.ts';

export interface ListenOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Milliseconds that a client may take for its headers; a body has the handler's own limit. */
  headersTimeout: number;
}

export interface Listening {
  url: string;
  /** Takes no more connections; resolves when what came before is answered. */
  close(): Promise<void>;
}

/**
 * Serves a handler over HTTP.
 *
 * @throws DataError where the address can't be had
 */
export async function listen(handler: Handler, { host, port, headersTimeout }: ListenOptions): Promise<Listening> {
  const server = createServer(
    // The whole of a request is limited for bodies that no route reads. Node looks for late ones twice a second, not every 30
    // seconds as is its default.
    { headersTimeout, requestTimeout: 2 * headersTimeout, connectionsCheckingInterval: 500 },
    toNodeHandler(handler) as Parameters<typeof createServer>[1],
  );
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DataError(`${host}:${port}: expected an address to listen at, got ${code}`);
  }
  const { port: real, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${host}]` : host}:${real}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      await handler.close();
      // Answered; a connection that is kept alive waits for requests that are no longer taken.
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), LAST_BYTES);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Milliseconds that clients have to take the last answers. */
const LAST_BYTES = 2000;
