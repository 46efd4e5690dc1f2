import { createServer } from 'node:http';
import { pipeline } from 'bertwasm';

// A service of one's own: which of the posted reviews to answer first. `bertwasm serve` is there for all that is usual.
const classify = await pipeline('text-classification');
const MOST_BYTES = 100_000;

const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method !== 'POST') return answer(405, { error: `expected POST, got ${request.method}` });
    const reviews = await readJson(request);
    const labels = await classify(reviews);
    const unhappy = ({ label, score }) => (label === 'NEGATIVE' ? score : 1 - score);
    const ranked = labels.map((label, i) => ({ review: reviews[i], unhappy: unhappy(label) }));
    return answer(200, ranked.sort((a, b) => b.unhappy - a.unhappy));
  } catch (error) {
    return answer(400, { error: error.message });
  }
});

async function readJson(request) {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) {
    text += piece;
    if (text.length > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} characters, got more`);
  }
  const reviews = JSON.parse(text);
  if (!Array.isArray(reviews)) throw new Error('expected an array of reviews, got another value');
  return reviews;
}

server.listen(Number(process.argv[2] ?? 8000), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});

process.once('SIGTERM', () => server.close(() => classify.dispose()));
