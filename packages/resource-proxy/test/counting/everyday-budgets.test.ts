import { readFileSync } from 'node:fs';
import { findGrantStatus } from '@aipassport/store/proxying';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerJson, type Hit } from '../support/recording-upstream.js';
import { TestProxy } from '../support/test-proxy.js';
import { waitUntil } from '../support/wait-until.js';
import { type EverydayBudget, everydayBudgets, totalUsd } from './everyday-budgets.js';

let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start({ replicas: 2 });
});
afterAll(() => proxy.stop());

const nano = (usd: number): bigint => BigInt(Math.floor(usd * 1e9));
const scopeOf = ({ model }: EverydayBudget): string => `model:${model} cap:chat cap:embeddings cap:audio`;

/** A vendor's answer with the usage that it bills. */
function answerOf({ path, input, output }: EverydayBudget, hit: Hit): unknown {
  if (hit.target.endsWith('count_tokens') || hit.target.endsWith('input_tokens')) return { input_tokens: input };
  if (hit.target.endsWith('countTokens')) return { totalTokens: input };
  if (path.includes('transcriptions')) return { text: 'Hello', duration: input };
  if (path.includes('embeddings')) return { data: [], usage: { prompt_tokens: input, total_tokens: input } };
  if (path.startsWith('/anthropic')) return { content: [], usage: { input_tokens: input, output_tokens: output } };
  if (path.startsWith('/google'))
    return { candidates: [], usageMetadata: { promptTokenCount: input, candidatesTokenCount: output } };
  return { choices: [], usage: { prompt_tokens: input, completion_tokens: output } };
}

/** The output limit in the request to a vendor. */
function limitOf({ body }: Hit): number {
  const sent = JSON.parse(body.toString()) as Record<string, unknown> & {
    readonly generationConfig?: { readonly maxOutputTokens?: number };
  };
  const limit = sent['max_completion_tokens'] ?? sent['max_tokens'] ?? sent.generationConfig?.maxOutputTokens;
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY;
}

async function send({ path, body }: EverydayBudget, token: string, replica: number): Promise<number> {
  const { recording, model } = body as { readonly recording?: Buffer; readonly model: string };
  if (recording === undefined) {
    // Repeat the request after a 429, as SDKs do.
    for (let attempt = 0; ; attempt += 1) {
      const answer = await proxy.post(path, body, token, { proxy: replica });
      await answer.arrayBuffer();
      if (answer.status !== 429 || attempt === 2) return answer.status;
      await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1_000));
    }
  }
  const form = new FormData();
  form.set('model', model);
  form.set('file', new Blob([new Uint8Array(recording)]), 'recording');
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${proxy.urlOf(replica)}${path}`, { method: 'POST', headers, body: form })).status;
}

/** @returns the statuses, the number of outputs that were longer than the forwarded limit, and the money spent */
async function spend(
  row: EverydayBudget,
  budgetUsd: number,
): Promise<{ statuses: number[]; cut: number; spent: bigint }> {
  const { grant, token } = await proxy.connect(scopeOf(row), { maxCost: nano(budgetUsd) });
  let cut = 0;
  proxy.upstream.behaviour = (hit, response) => {
    const isText = hit.headers['content-type'] === 'application/json' && !hit.target.includes('audio');
    if (isText && !/count|input_tokens/.test(hit.target) && limitOf(hit) < row.output) cut += 1;
    if (row.path.includes('speech')) response.writeHead(200, { 'content-type': 'audio/ogg' }).end('OggS');
    else answerJson(answerOf(row, hit))(hit, response);
  };
  const numbers = Array.from({ length: row.requests }, (_, n) => n);
  const statuses: number[] = [];
  if (row.atOnce === true) statuses.push(...(await Promise.all(numbers.map((n) => send(row, token, n % 2)))));
  else for (const n of numbers) statuses.push(await send(row, token, n % 2));
  const isSettled = async () => (await findGrantStatus(proxy.database.db, grant.id))?.usage.reserved === 0n;
  await waitUntil(isSettled, 'everything is settled');
  return { statuses, cut, spent: (await findGrantStatus(proxy.database.db, grant.id))?.usage.spent ?? 0n };
}

// The ids at the beginning of titles are rows of docs/security.md.
describe('3.6: fifteen everyday budgets', () => {
  it('are at least twice what the vendor bills', () => {
    expect(everydayBudgets).toHaveLength(15);
    for (const row of everydayBudgets) expect(row.budgetUsd).toBeGreaterThanOrEqual(2 * totalUsd(row));
  });

  it.each(everydayBudgets.map((row) => [row.what, row] as const))(
    '%s: with a budget of twice what the vendor bills, no request is refused, and no answer is cut short',
    async (_what, row) => {
      for (const budgetUsd of [2 * totalUsd(row), row.budgetUsd]) {
        const { statuses, cut, spent } = await spend(row, budgetUsd);
        expect(statuses).toEqual(Array(row.requests).fill(200));
        expect(cut).toBe(0);
        expect(spent).toBeLessThanOrEqual(nano(budgetUsd));
      }
    },
    20_000,
  );

  it('are the same as in docs/reliability.md', () => {
    const page = readFileSync(new URL('../../../../../docs/reliability.md', import.meta.url), 'utf8');
    for (const row of everydayBudgets) expect(page).toContain(formatRow(row));
  });
});

function formatRow(row: EverydayBudget): string {
  const { what, model, requests, budgetUsd } = row;
  return `| ${what} | ${model} | ${requests} | ${totalUsd(row).toFixed(4)} | ${budgetUsd} |`;
}
