// Takes the steps of the playground, as the page of a client without a server would. All texts are in the page.
const page = document.querySelector('[data-playground]');
const { issuer, proxy, clientId, redirectUri, scope, details, question } = page.dataset;
const { authorizePath, tokenPath, revokePath, questionPath, grantPath } = page.dataset;
const keptName = 'aipassport-playground';
const secretMembers = ['access_token', 'refresh_token', 'id_token', 'token', 'code', 'code_verifier'];

/** Whether the page shows a request that was sent, with its answer. */
let isAnswered = false;

/** SECRET. The tokens stay in this variable: they are not stored, and the page shows their beginnings only. */
let tokens = {};

const byId = (id) => document.getElementById(id);
const shorten = (value) => (value.length > 16 ? `${value.slice(0, 12)}…` : value);
const shortenMember = (name, value) => (secretMembers.includes(name) ? shorten(String(value)) : value);

function show(id, text) {
  byId(id).textContent = text;
  byId(id).ariaBusy = false;
  byId(`${id}-box`).hidden = false;
}

/** Makes room for the answer at once, so that nothing moves when it arrives. */
function awaitAnswer(step) {
  show(`${step}-answer`, '');
  byId(`${step}-answer`).ariaBusy = true;
}

function showProblem(name) {
  for (const problem of document.querySelectorAll('[id^="problem-"]'))
    problem.hidden = problem.id !== `problem-${name}`;
}

function enable(step) {
  byId(`${step}-run`).disabled = false;
}

function encodeBase64Url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const makeRandom = () => encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)));

function formatFields(fields) {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${shortenMember(name, value)}`)
    .join('\n');
}

async function prepareAuthorization() {
  const codeVerifier = makeRandom();
  const state = makeRandom();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier));
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    authorization_details: details,
    state,
    code_challenge: encodeBase64Url(digest),
    code_challenge_method: 'S256',
    prompt: 'consent',
  };
  const shown = `GET ${issuer}${authorizePath}\n\n${formatFields(parameters)}`;
  if (!isAnswered) show('authorize-request', shown);
  byId('authorize-run').addEventListener('click', () => {
    sessionStorage.setItem(keptName, JSON.stringify({ codeVerifier, state, shown }));
    location.assign(`${issuer}${authorizePath}?${new URLSearchParams(parameters)}`);
  });
  enable('authorize');
}

/** Reads the answer to the authorization request, which is in the address of this page, and shows the request again. */
function readCallback() {
  const callback = Object.fromEntries(new URLSearchParams(location.search));
  if (callback.state === undefined) return;
  const kept = JSON.parse(sessionStorage.getItem(keptName) ?? '{}');
  sessionStorage.removeItem(keptName);
  history.replaceState(null, '', location.pathname);
  if (callback.state !== kept.state || callback.iss !== issuer) return showProblem('mismatch');
  isAnswered = true;
  show('authorize-request', kept.shown);
  show('authorize-answer', `302 ${redirectUri}\n\n${formatFields(callback)}`);
  if (callback.code === undefined) return showProblem('denied');
  const form = { grant_type: 'authorization_code', code: callback.code, code_verifier: kept.codeVerifier };
  addStep('token', 'chat', () => sendForm('token', tokenPath, { ...form, redirect_uri: redirectUri }));
  enable('token');
}

/** @param send resolves to true when the step succeeded; then the next step can be taken */
function addStep(step, next, send) {
  const button = byId(`${step}-run`);
  const take = async () => {
    button.disabled = true;
    const isDone = await send().catch(() => false);
    byId(`${step}-answer`).ariaBusy = false;
    if (!isDone) showProblem('failed');
    if (next !== undefined && isDone) enable(next);
  };
  button.addEventListener('click', () => void take());
}

async function sendForm(step, path, fields) {
  const form = { client_id: clientId, ...fields };
  show(
    `${step}-request`,
    `POST ${issuer}${path}\ncontent-type: application/x-www-form-urlencoded\n\n${formatFields(form)}`,
  );
  awaitAnswer(step);
  const response = await fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(form) });
  const answer = await showAnswer(step, response);
  if (response.ok && answer.access_token !== undefined) tokens = answer;
  return response.ok;
}

async function sendToProxy(step, path, body) {
  const method = body === undefined ? 'GET' : 'POST';
  const headers = {
    authorization: `Bearer ${tokens.access_token}`,
    ...(body && { 'content-type': 'application/json' }),
  };
  const shown = [`${method} ${proxy}${path}`, `authorization: Bearer ${shorten(tokens.access_token)}`];
  show(`${step}-request`, [...shown, ...(body ? ['content-type: application/json', '', body] : [])].join('\n'));
  awaitAnswer(step);
  const response = await fetch(`${proxy}${path}`, { method, headers, ...(body && { body }) });
  await showAnswer(step, response);
  return response;
}

/** @returns the answer's JSON; an empty object when it has none */
async function showAnswer(step, response) {
  const text = await response.text();
  const answer = text === '' ? {} : JSON.parse(text);
  const shown = text === '' ? '' : `\n\n${JSON.stringify(answer, shortenMember, 2)}`;
  show(`${step}-answer`, `${response.status} ${response.statusText}${shown}`.trim());
  return answer;
}

const ask = (step) => sendToProxy(step, questionPath, question);

addStep('chat', 'grant', async () => (await ask('chat')).ok);
addStep('grant', 'refresh', async () => (await sendToProxy('grant', grantPath)).ok);
addStep('refresh', 'revoke', () =>
  sendForm('refresh', tokenPath, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }),
);
addStep('revoke', 'refused', () => sendForm('revoke', revokePath, { token: tokens.refresh_token }));
addStep('refused', undefined, async () => (await ask('refused')).status === 401);
readCallback();
prepareAuthorization().catch(() => showProblem('failed'));
