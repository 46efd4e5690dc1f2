import type { Plugin } from 'vite';

/** No inline script or style, no eval, no other host; compiling WASM is all that is asked for beyond. */
export const CONTENT_SECURITY_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/**
 * The policy in the page itself, for hosts that let no header be set. Workers obey only a header of their own, which the preview
 * server sends.
 */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}
