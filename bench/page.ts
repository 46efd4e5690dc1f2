import type { Report } from './report.ts';
import { tables } from './tables.ts';

/** bench/RESULTS.md. */
export function page(report: Report): string {
  return `# Benchmark results

Written by \`npm run bench -- --write\`, and as JSON in [results.json](results.json).

![Milliseconds and kilobytes by engine](chart.svg)

![Speed over the tokens of a pass, under its two limits](roofline.svg)

## How

- Every contestant is a process of its own that answers a batch of token ids by logits, and is timed within: the CPU time of its
  one thread, or time by the clock where there are two. Only one computes at a time, step by step in turn.
- A ratio is the median over the rounds of baseline / candidate, with a 95 % bootstrap interval. In A/A ratios both sides are
  base. From one load to the next the speed at 8 tokens differs by up to 5 %, which no interval here can see: no ratio is
  known better than that.
- All compute the same weights. onnxruntime-web, onnxruntime-node int8 and transformers.js run one int8 file, quantised as transformers.js's
  own are (\`bench/models/make.py\`); onnxruntime-node fp32 the file before that; PyTorch transformers' fp32 model, eager, with its default
  attention. All graph optimisations are on. bertwasm runs what \`bertwasm quantize\` makes.
- transformers.js in Node runs on onnxruntime-node. \`(WASM)\` is what it does in a page: its own onnxruntime-web, handed over by the global
  symbol that it looks for. It is called with ids as the others, so its tokenizer is left out.
- Making tensors of ids is timed, padding with it; tokenising is not.
- Real text runs through \`../shared/models/sst2-minilm\`, a checkpoint of the default model's shape, quantised by each side. It is sorted by
  length. Peers pad, so each gets the batch size that is best for it here, of 1, 8, 16 and 32; bertwasm gets 32 texts at
  once. transformers.js, which is the same engines, is left out.
- Cold start is time by the clock from the making of a process to its first result, files in the page cache; V8 compiles
  onnxruntime-web on all idle cores. bertwasm loads its tokenizer and is given a text, the others ids. Peak memory is VmHWM after one
  result.
- rten has no package on npm, and its WASM would need a Rust target that is not on this machine. Measured once, elsewhere, its cold start
  was 0.45 times onnxruntime-web's: a sixth of onnxruntime-web's is less than half of rten's.
- Sizes are those of \`npm run size\`, gzip -9: the smallest that onnxruntime-web ships for WASM; transformers.js's script and the
  onnxruntime-web files that it loads in a page.
- Roofline: multiply-accumulates of linear layers and attention over CPU time. The ceiling is the build's dot product on registers alone;
  the slope is one pass over the weights at the bandwidth that reading memory reaches.

## Figures

${tables(report)}`;
}
