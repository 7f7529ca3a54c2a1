// Writes docs/upstreams.md from the entries of the upstreams. With --check, it checks that the page is current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { localUpstreams } from '../packages/policy/dist/src/catalogue/vendors/local.js';
import {
  builtInUpstreams,
  createUpstreamCatalogue,
  models,
  upstreamVariables,
} from '../packages/policy/dist/src/index.js';
import { findMetering, isFree } from '../packages/resource-proxy/dist/src/metering/metering-table.js';
import { root } from './bootstrap/surroundings.mjs';

const file = path.join(root, 'docs/upstreams.md');
const { operations } = createUpstreamCatalogue();

function describeVendor({ name, label, baseUrl, interfaces: [own], keysPage, priceList, sources = [] }) {
  const count = models.filter(({ upstream }) => upstream === name).length;
  const links = sources.map((source, index) => `[${index + 1}](${source})`);
  const cells = [
    label,
    `\`/${name}${own.roots[0]}\``,
    `${baseUrl}${own.upstreamRoot ?? own.roots[0]}`,
    `\`${upstreamVariables.keyName(name)}\``,
    keysPage === undefined ? '' : `[keys](${keysPage})`,
    `${count}, \`${priceList}\``,
    links.join(' '),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** How the answers of a chat report their usage: see `UsageReport`. */
const reports = {
  cache_hits: 'the usage, with cached input in a member of its own',
  thinking_beside: 'the cost in the answer, or the usage, which counts thinking separately',
  cost: 'the cost in the answer',
};

/** How the proxy handles requests of each kind. `isListed`: a request in progress ends when its grant ends. */
const kinds = {
  json: { isListed: true },
  form: { isListed: true },
  upload: { isListed: true },
  models: { isListed: false, metered: 'answered by the proxy' },
  state: { isListed: false, metered: 'free' },
};

function describeOperation({ path: served, method, form, kind, capability, chat }) {
  const { isListed, metered } = kinds[kind];
  const metering = findMetering(form);
  const report = reports[chat.usageReport] ?? 'the usage in the answer';
  const cells = [
    `\`${method} ${served}\``,
    capability === undefined ? '' : `\`cap:${capability}\``,
    metered ?? (isFree(form) ? 'free' : report),
    metering?.tap === undefined ? '' : 'yes',
    isListed ? 'yes' : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function listOperations(name) {
  return operations.filter(({ upstream }) => upstream === name);
}

/** The members of a chat that differ from OpenAI's. */
function describeFields({ label, interfaces: [{ chat = {} }] }) {
  const fields = Object.entries(chat.fields ?? {});
  const names = (isCosting) =>
    fields
      .filter(([, field]) => (field.class === 'costs' && field.rule.rule === 'default') === isCosting)
      .map(([member]) => `\`${member}\``)
      .join(', ');
  const limit = chat.outputLimit === undefined ? 'both of OpenAI’s names' : `\`${chat.outputLimit}\``;
  return `| ${label} | ${limit} | ${names(false)} | ${names(true)} |`;
}

/** The members of a request for embeddings that OpenAI does not have. */
function describeEmbeddings({ label, interfaces: [{ embeddingsFields = {} }] }) {
  const names = Object.keys(embeddingsFields).map((member) => `\`${member}\``);
  return names.length === 0 ? [] : [`- Embeddings of ${label} also have ${names.join(' and ')}.\n`];
}

const others = builtInUpstreams.filter(({ interfaces: [{ chat }] }) => chat !== undefined);

const text = `# AI providers

Generated from the code by \`npm run x -- node scripts/generate-upstreams.mjs\`; do not edit.

Each AI provider is an entry in \`packages/policy/src/catalogue/vendors\`. An app uses the provider’s own SDK or OpenAI’s,
with the base URL of this table below the URL of the resource proxy. [Adding an upstream](adding-an-upstream.md) shows in
ten lines how an operator adds another one.

| AI provider | base URL | requests go to | variable of the operator’s key | | models, price list | sources |
| --- | --- | --- | --- | --- | --- | --- |
${builtInUpstreams.map(describeVendor).join('\n')}

Prices are those of the named list in \`@pydantic/genai-prices\`, or of the operator’s \`PRICES_FILE\`. A model without a
price or without a known context window is refused (404). A scope names a model as \`model:<provider>/<model>\`; only the
models of OpenAI, Anthropic and Google may be named without the provider.

Model servers of the operator’s own (${localUpstreams.map(({ label }) => label).join(', ')}) are added with
[\`like\`](operations.md#ai-providers-of-your-own). Perplexity is not served: its API in this format ended on 27 September
2026, and its successor runs a number of tools that is not known in advance
(https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview).

## What is served

*Stream*: answers may come as a stream, whose usage is read. *Cut*: an answer in progress ends when the access is removed.

${builtInUpstreams
  .map(
    ({ name, label }) =>
      `### ${label}\n\n| operation | needs | charged by | stream | cut |\n| --- | --- | --- | --- | --- |\n${listOperations(name).map(describeOperation).join('\n')}`,
  )
  .join('\n\n')}

## Chat completions that differ from OpenAI’s

The proxy sends the output limit under the name that the provider reads. Members whose cost is not known in advance are
refused by name, unless they have their default value.

| AI provider | output limit | own members | refused |
| --- | --- | --- | --- |
${others.map(describeFields).join('\n')}

- DeepSeek reports input from its cache as \`prompt_cache_hit_tokens\`.
- xAI counts thinking apart from \`completion_tokens\`. If an answer has \`usage.cost_in_usd_ticks\`, that is the
  charge.
- OpenRouter’s charge is \`usage.cost\`, and \`cost_details.upstream_inference_cost\` besides if the account has a key of its
  own at the host. The proxy adds \`provider.max_price\`, so no host may charge more than what was reserved. Documents
  (\`file\`) are refused, because another service may read them for a fee.
${builtInUpstreams.flatMap(describeEmbeddings).join('')}`;

if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is stale: run \`npm run x -- node scripts/generate-upstreams.mjs\``);
  process.exit(1);
}
