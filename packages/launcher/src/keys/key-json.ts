import { readFileSync } from 'node:fs';
import { describeFileProblem } from '@aipassport/contracts';

/** Formats the content of a key file. */
export function formatKeyJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @throws Error that names the file and repeats nothing of its content */
export function readKeyFile<T>(file: string, parse: (json: unknown) => T): T {
  try {
    return parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`${file} is missing. \`keys init\` makes what is missing.`);
    throw new Error(`${file}: ${name === 'ConfigurationError' ? message : describeFileProblem(error)}`);
  }
}
