/** What is used here of autocannon 9, which has no types of its own. */
declare module 'autocannon' {
  export interface Options {
    url: string;
    connections: number;
    /** Seconds; or `amount` of requests in its place. */
    duration?: number;
    amount?: number;
    /** Seconds until an answer. */
    timeout: number;
    /** Each connection sends them in turn. */
    requests: { method: 'POST'; path: string; headers: Record<string, string>; body: string }[];
    setupClient?(client: { setRequests(requests: Options['requests']): void }): void;
  }
  export interface Result {
    /** Seconds. */
    duration: number;
    requests: { total: number };
    /** Milliseconds. */
    latency: { p50: number; p99: number; max: number };
    errors: number;
    timeouts: number;
    non2xx: number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
