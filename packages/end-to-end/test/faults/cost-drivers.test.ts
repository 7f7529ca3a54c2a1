import { costOf, createPriceCatalogue, type Usage } from '@aipassport/policy';
import { reportResult } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { answerJson, type UpstreamHit } from '../harness/recording-upstream.js';
import { waitForQuiet } from './support/books.js';
import { type Body, drivers } from './support/cost-drivers.js';
import { type Laboratory, startLaboratory } from './support/laboratory.js';
import { timeoutMilliseconds } from './support/scale.js';

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await startLaboratory({ resourceProxies: 1 });
}, timeoutMilliseconds);

afterAll(async () => {
  await laboratory?.stop();
});

const catalogue = createPriceCatalogue();

// The ids at the beginning of titles are rows of docs/security.md.
it.each(drivers)(
  '3.6: a request cannot cost more than its reservation, and is charged its reported cost or else its reservation: $name',
  async (driver) => {
    const { upstream, model, path, body, file, answer, toolCalls } = driver;
    const { query, targets, upstream: provider } = laboratory;
    const access = await laboratory.grant({}, { scope: `model:${model} ${driver.capabilities}` });
    const hits: UpstreamHit[] = [];
    let usage: Usage = {};
    provider.mode = ({ hit }, response) => {
      hits.push(hit);
      const answered = answer(file === undefined ? (JSON.parse(hit.body) as Body) : {});
      ({ usage } = answered);
      answerJson(response, 200, answered.body);
    };
    const sent = await fetch(`${targets[0]}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${access.accessToken}`,
        ...(file === undefined ? { 'content-type': 'application/json' } : {}),
      },
      body:
        file === undefined ? JSON.stringify(upstream === 'google' ? body : { model, ...body }) : makeForm(model, file),
    });
    expect([sent.status, await sent.text()]).toEqual([200, expect.any(String)]);
    expect(hits).toHaveLength(1);
    await waitForQuiet(laboratory);
    const price = catalogue.findPrice(upstream, model, new Date());
    if (price === undefined) throw new Error(`${model} has no price`);
    const bill = costOf(price, usage);
    if (!bill.ok) throw new Error(`${model} has no price for ${bill.unpriced}`);
    const rows = await query<{ settlement: string; cost: string; estimate: string; tool_calls: number | null }>(
      'select settlement, cost::text, estimate::text, tool_calls from ledger where grant_id = $1',
      [access.grantId],
    );
    const violations: string[] = [];
    const [row] = rows;
    const [charged, reserved] = [BigInt(row?.cost ?? 0), BigInt(row?.estimate ?? 0)];
    const owed = row?.settlement === 'reported' ? bill.nanoUsd : reserved;
    if (rows.length !== 1) violations.push(`it has ${rows.length} rows in the ledger`);
    if (reserved < bill.nanoUsd) violations.push(`${reserved} was reserved, and ${bill.nanoUsd} is billed`);
    if (charged !== owed) violations.push(`${charged} is charged, and ${owed} is owed (${row?.settlement})`);
    if (toolCalls !== undefined && row?.tool_calls !== toolCalls)
      violations.push(`${row?.tool_calls} calls of tools were counted, and ${toolCalls} were made`);
    const detail = {
      settlement: row?.settlement,
      bill: String(bill.nanoUsd),
      charged: String(charged),
      reserved: String(reserved),
    };
    reportResult({ row: '3.6', fault: `cost driver: ${driver.name}`, faults: 1, requests: 1, violations, detail });
    expect(violations).toEqual([]);
  },
);

function makeForm(model: string, file: Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData();
  form.set('model', model);
  form.set('file', new Blob([file], { type: 'audio/wav' }), 'recording.wav');
  return form;
}
