import { basename, resolve } from 'node:path';
import type { TrainedModel } from '../train/full/train-model.ts';

/** Arguments that say how a model came to be; trainer_state.json has them all. */
const TOLD = [
  'learning_rate',
  'per_device_train_batch_size',
  'num_train_epochs',
  'weight_decay',
  'warmup_ratio',
  'lr_scheduler_type',
  'seed',
] as const;

/** A README.md as the Hugging Face hub reads it: what was trained, how, and what it reaches. */
export function modelCard(
  { kind, config, metrics, arguments: args, trainingRows, evaluation }: TrainedModel,
  base: string,
) {
  const task = kind === 'token' ? 'token-classification' : 'text-classification';
  const figures = Object.entries(metrics).map(
    ([name, value]) => `| ${name.replace(/^eval_/, '')} | ${value.toFixed(4)} |`,
  );
  return `---
library_name: transformers
pipeline_tag: ${task}
---

# ${task === 'token-classification' ? 'Token' : 'Text'} classification, fine-tuned by bertwasm

All parameters of ${cell(basename(resolve(base)))}, trained on ${trainingRows} rows. Labels: ${config.labels.map(cell).join(', ')}.

${evaluation ? `Measured on ${evaluation.rows.length} others, in f32:` : 'Not measured: there were no others.'}

${figures.length > 0 ? ['| metric | |', '|---|---:|', ...figures].join('\n') : ''}

| argument | |
|---|---|
${TOLD.map((name) => `| ${name} | ${args[name]} |`).join('\n')}

\`q8/\` has the model quantised to 8 bits, in bertwasm's own form; \`report.html\` the curves and the mistakes.
`;
}

/** Text of a user within Markdown: none of it is markup. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~-]/g, '\\$&');
}
