import type { Context } from 'koa';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** Answers with a page; preact escapes every text in it. */
export function renderPage(ctx: Context, page: VNode): void {
  ctx.type = 'html';
  ctx.body = `<!doctype html>${renderToString(page)}`;
}
