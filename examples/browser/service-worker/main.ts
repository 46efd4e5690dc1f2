// Keeps the page's own files, so that it opens without a network. The model's files the library keeps itself, by their SHA-256.

/** Put in by vite/page-files.ts. */
declare const PAGE_FILES: string[];
declare const PAGE_VERSION: string;
declare const self: ServiceWorkerGlobalScope;

/** Caches belong to the origin: another page of it may lie in another folder. */
const PREFIX = `page ${self.registration.scope} `;
const CACHE = PREFIX + PAGE_VERSION;
const urls = new Set(PAGE_FILES.map((file) => new URL(file, self.registration.scope).href));

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...urls]);
  await self.skipWaiting();
}

async function forgetOthers(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  // A host may say Vary: Origin, which the page's own requests for scripts have and those of `addAll` have not.
  return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(keep()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  url.search = '';
  if (urls.has(url.href)) event.respondWith(answer(event.request));
});

export {};
