/** Whether a request has the token of `wrangler secret put RETRAIN_TOKEN`; without that nobody may. */
export async function mayRetrain({ headers }, { RETRAIN_TOKEN }) {
  if (!RETRAIN_TOKEN) return false;
  // Compared in the same time whatever is given, which takes equal lengths.
  const hashes = [headers.get('authorization') ?? '', `Bearer ${RETRAIN_TOKEN}`].map(sha256);
  return crypto.subtle.timingSafeEqual(...(await Promise.all(hashes)));
}

function sha256(text) {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
}
