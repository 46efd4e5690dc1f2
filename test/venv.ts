import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Python of the virtual environment .venv/<name>, which is made on first use with what the requirements file pins. */
export function venvPython(name: string, requirements: string): string {
  const venv = `${ROOT}.venv/${name}`;
  const python = `${venv}/bin/python`;
  if (!existsSync(`${venv}/ready`)) {
    console.error(`making .venv/${name} with the pinned reference …`);
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
    writeFileSync(`${venv}/ready`, '');
  }
  return python;
}
