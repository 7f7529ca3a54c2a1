import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Middleware } from 'koa';

/** The only files below `/assets`. They are read once, at the start. */
const files: Readonly<Record<string, string>> = {
  'pico.css': import.meta.resolve('@picocss/pico/css/pico.min.css'),
  'app.css': import.meta.resolve('../../../static/app.css'),
  'chat.js': import.meta.resolve('../../browser/chat.js'),
  'read-chat-events.js': import.meta.resolve('../../browser/read-chat-events.js'),
};

export type Assets = ReadonlyMap<string, { readonly content: Buffer; readonly etag: string }>;

export async function readAssets(): Promise<Assets> {
  const entries = Object.entries(files).map(async ([name, url]) => {
    const content = await readFile(new URL(url));
    return [name, { content, etag: createHash('sha256').update(content).digest('base64url') }] as const;
  });
  return new Map(await Promise.all(entries));
}

/** GET /assets/:name. */
export function serveAssets(assets: Assets): Middleware {
  return (ctx) => {
    const name = ctx.path.slice('/assets/'.length);
    const asset = assets.get(name);
    if (asset === undefined) return ctx.throw(404, 'There is nothing at this address.');
    ctx.type = name.endsWith('.css') ? 'css' : 'js';
    ctx.etag = asset.etag;
    ctx.set('Cache-Control', 'no-cache'); // cached, but revalidated: new pages need the new script
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = asset.content;
  };
}
