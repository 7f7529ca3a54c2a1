import { randomBytes } from 'node:crypto';
import type { RequestState } from '../context.js';
import type { Asset } from './asset.js';

/** A script that a page loads. Only `allowScript` makes it, so its nonce is that of the page's policy. */
export interface PageScript {
  readonly path: string;
  readonly nonce: string;
}

const nonceBytes = 16;

/**
 * Lets the page of this answer run one of our scripts (CSP `script-src`). The nonce is new for each answer, and all
 * scripts of a page share it.
 */
export function allowScript({ state }: { readonly state: RequestState }, { path }: Asset): PageScript {
  state.scriptNonce ??= randomBytes(nonceBytes).toString('base64url');
  return { path, nonce: state.scriptNonce };
}
