import { createServer } from 'node:http';
import { pipeline, UsageError } from 'bertwasm';

// A service of one's own: which of the posted reviews to answer first. `bertwasm serve` is there for all that is usual.
const classify = await pipeline('text-classification');
const MOST_CHARACTERS = 100_000;
const MOST_REVIEWS = 32;

/** A request that can't be answered, and the status that says so. */
class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method !== 'POST') throw new RequestError(405, `expected POST, got ${request.method}`);
    answer(200, await rank(await readReviews(request)));
  } catch (error) {
    // What is posted is the caller's, all else ours.
    const status = error instanceof UsageError ? 400 : (error.status ?? 500);
    if (status === 500) console.error(error);
    answer(status, { error: status === 500 ? 'expected an answer, got a fault' : error.message });
  }
});

async function readReviews(request) {
  let text = '';
  // To its end, though it be too long: a client that still sends would hear no answer.
  for await (const piece of request.setEncoding('utf8')) if (text.length <= MOST_CHARACTERS) text += piece;
  if (text.length > MOST_CHARACTERS) {
    throw new RequestError(413, `expected at most ${MOST_CHARACTERS} characters, got more`);
  }
  const reviews = parse(text);
  if (!Array.isArray(reviews)) throw new RequestError(400, 'expected an array of reviews, got another value');
  if (reviews.length > MOST_REVIEWS) {
    throw new RequestError(413, `expected at most ${MOST_REVIEWS} reviews, got ${reviews.length}`);
  }
  return reviews;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError(400, 'expected JSON, got something else');
  }
}

/** The least happy first. */
async function rank(reviews) {
  const labels = await classify(reviews);
  const unhappy = ({ label, score }) => (label === 'NEGATIVE' ? score : 1 - score);
  const ranked = reviews.map((review, i) => ({ review, unhappy: unhappy(labels[i]) }));
  return ranked.sort((a, b) => b.unhappy - a.unhappy);
}

server.listen(Number(process.argv[2] ?? 8000), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});

process.once('SIGTERM', () => server.close(() => classify.dispose()));
