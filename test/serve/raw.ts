import { connect, type Socket } from 'node:net';

/** Of a request with a body, but for its length. */
export const HEAD = 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

/** Bytes straight to the socket, as no HTTP client would send them. */
export function raw(url: string, bytes: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A server that ends it with bytes unread resets it, after its answer.
  socket.on('error', () => {});
  socket.write(bytes);
  return socket;
}
