// node ask.js [--device] [--disconnect] "Your question"
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AccessError, AiClient, LimitReachedError } from '@aipassport/client';
import { connectTerminal, openTokenFile, raiseFromTerminal } from '@aipassport/client/terminal';
import OpenAI from 'openai';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { device: { type: 'boolean' }, disconnect: { type: 'boolean' } },
});
const {
  ISSUER: issuer = 'http://localhost:4000',
  RESOURCE_PROXY_URL: resourceProxyUrl = 'http://localhost:4100',
  CLIENT_ID: clientId,
  TOKEN_FILE: tokenFile = path.join(process.env.HOME ?? '.', '.ask-tokens.json'),
} = process.env;
if (clientId === undefined) throw new Error('Set CLIENT_ID. examples/README.md shows how to register a client.');

const settings = { issuer, resourceProxyUrl, clientId };
const request = { scope: 'model:gpt-4o-mini cap:chat', limits: { maxRequests: 2, maxCostUsd: '1.00' } };
const file = openTokenFile(tokenFile);
const options = { show: console.error, save: file.save, usesDevice: values.device === true };

let connection;
try {
  connection = await connect();
  if (values.disconnect) await disconnect();
  else await ask(positionals.join(' ')).catch(explain);
} catch (error) {
  if (!(error instanceof AccessError)) throw error;
  console.error(error.message); // for instance: the owner did not allow access
  process.exitCode = 1;
}

async function connect() {
  const tokens = await file.load();
  return tokens === undefined
    ? connectTerminal(settings, request, options)
    : new AiClient(settings).restore(tokens, { save: file.save });
}

async function disconnect() {
  await connection.revoke();
  await file.delete();
  console.log('Disconnected.');
}

async function ask(content) {
  const openai = new OpenAI({ baseURL: `${resourceProxyUrl}/openai/v1`, apiKey: 'unused', fetch: connection.fetch });
  const messages = [{ role: 'user', content }];
  const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  process.stdout.write('\n');
}

/**
 * If a limit is reached that the owner can raise from here, asks for more and sends the question again. Otherwise prints
 * the reason.
 */
async function explain(error) {
  const reason = await connection.explain(error);
  const raised = reason instanceof LimitReachedError && !values.device ? await raise() : undefined;
  if (raised === undefined) {
    if (reason?.code === 'access_revoked' || reason?.code === 'access_expired') await file.delete();
    console.error(`${(reason ?? error).message} ${reason?.pageUrl ?? ''}`);
    process.exitCode = 1;
    return;
  }
  connection = raised;
  await ask(positionals.join(' '));
}

function raise() {
  console.error('The limit is reached. The owner can allow more.');
  return raiseFromTerminal(settings, { connection, limits: { maxRequests: 10 } }, options);
}
