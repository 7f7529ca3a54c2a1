import { createHash } from 'node:crypto';
import { formatPath, paths } from '../endpoints.js';

/** A file that pages load. Its URL changes with its content, so browsers may keep it for ever. */
export interface Asset {
  readonly path: string;
  readonly text: string;
}

export function nameAsset(text: string, type: 'css' | 'js'): Asset {
  const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { path: formatPath(paths.assets, `${version}.${type}`), text };
}
