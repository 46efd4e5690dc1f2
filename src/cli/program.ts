import { Command, CommanderError } from 'commander';
import { DataError, UsageError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { Interrupted } from './interrupted.ts';
import { endWithReader, printable } from './output.ts';

/** One a file, loaded only where it is named: start-up is part of the time to the first label. */
const COMMANDS = {
  predict: () => import('./predict.ts'),
  eval: () => import('./eval.ts'),
  train: () => import('./train.ts'),
  quantize: () => import('./quantize.ts'),
  check: () => import('./check.ts'),
  export: () => import('./export.ts'),
  shard: () => import('./shard.ts'),
  tokenize: () => import('./tokenize.ts'),
  info: () => import('./info.ts'),
  bench: () => import('./bench.ts'),
  serve: () => import('./serve.ts'),
};

const EXIT = { done: 0, data: 1, usage: 2, interrupted: 130 } as const;

/** Runs the command line to its end; gives its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  endWithReader();
  const program = new Command('bertwasm')
    .description('DistilBERT text classification on WebAssembly')
    .version(VERSION)
    .addHelpText('after', '\nExit codes: 0 done, 1 the data or the model is at fault, 2 the command line is.');

  const named = Object.hasOwn(COMMANDS, argv[0] ?? '') ? [argv[0] as keyof typeof COMMANDS] : keys(COMMANDS);
  for (const { command } of await Promise.all(named.map((name) => COMMANDS[name]()))) program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureOutput({ writeErr: () => {} });
  }

  try {
    const [first, second = 'help'] = argv;
    if (first === 'help' && second !== 'help' && !second.startsWith('-') && !Object.hasOwn(COMMANDS, second)) {
      throw new UsageError(`unknown command '${second}'`); // commander would give its help
    }
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    process.stderr.write(`bertwasm: ${oneLine(error)}\n`);
    if (error instanceof Interrupted) return EXIT.interrupted;
    return error instanceof CommanderError || error instanceof UsageError ? EXIT.usage : EXIT.data;
  }
}

function oneLine(error: unknown): string {
  if (error instanceof CommanderError) {
    // Commander's own message is not for people: "(outputHelp)".
    if (error.code === 'commander.help') return 'expected a command, got none (bertwasm --help tells them)';
    return printable(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
  }
  if ([DataError, UsageError, Interrupted].some((kind) => error instanceof kind))
    return printable((error as Error).message);
  // Neither fault: a mistake of ours, to be reported with where it happened.
  const text = error instanceof Error ? `unexpected ${error.stack}` : String(error);
  return text.split('\n').map(printable).join('\n');
}

function keys<T extends object>(object: T): (keyof T)[] {
  return Object.keys(object) as (keyof T)[];
}
