// Signs in with passkeys, confirms with them, and makes them. Without this script, pages offer the password only. The
// file that pages load begins with @simplewebauthn/browser, which defines `SimpleWebAuthnBrowser`.
const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
  SimpleWebAuthnBrowser;

const ceremonies = {
  get: (optionsJSON) => startAuthentication({ optionsJSON }),
  create: (optionsJSON) => startRegistration({ optionsJSON }),
};

/** @returns the server's options; undefined when the server refuses the form, so that its next page says why */
const fetchOptions = async ({ dataset, form }) => {
  const sent = ['csrf_token', 'email'].map((name) => form.elements.namedItem(name)).filter((field) => field);
  const answer = await fetch(dataset.options, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(sent.map(({ name, value }) => [name, value])),
  });
  if (answer.redirected || [400, 403, 422].includes(answer.status)) return undefined;
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  return answer.json();
};

/** Sends the button's form with the credential, as the form's submit button would send it. */
const send = (button, credential) => {
  const { form } = button;
  if (credential) form.elements.namedItem(button.dataset.field).value = JSON.stringify(credential);
  const submitter = form.querySelector('[data-confirmed]') ?? button;
  if (submitter.name) addField(form, submitter.name, submitter.value);
  form.submit();
};

const addField = (form, name, value) => {
  const field = document.createElement('input');
  Object.assign(field, { type: 'hidden', name, value });
  form.append(field);
};

const press = async (button) => {
  const { dataset, form } = button;
  if (dataset.needs && !form.elements.namedItem(dataset.needs).reportValidity()) return;
  const problem = form.querySelector('[data-passkey-problem]');
  if (problem) problem.hidden = true;
  button.disabled = true;
  try {
    const options = await fetchOptions(button);
    send(button, options && (await ceremonies[dataset.passkey](options)));
  } catch {
    // the owner cancelled, the device has no passkey for this site, or the server cannot be reached
    if (problem) problem.hidden = false;
  } finally {
    button.disabled = false;
  }
};

/** The server forgets a challenge after five minutes. A new challenge is requested before that. */
const offerMilliseconds = 4 * 60_000;

/**
 * Offers passkeys among the suggestions of the address field, and repeats the offer with a new challenge every
 * `offerMilliseconds`. Where the offer does not work, the owner can still press the button.
 */
const offerAutofill = async (button) => {
  setTimeout(() => void offerAutofill(button), offerMilliseconds);
  try {
    const optionsJSON = await fetchOptions(button);
    if (optionsJSON) send(button, await startAuthentication({ optionsJSON, useBrowserAutofill: true }));
  } catch {
    // the owner can still press the button
  }
};

const parts = document.querySelectorAll('[data-passkey-part]');
if (browserSupportsWebAuthn()) {
  for (const part of parts) part.hidden = false;
  for (const button of document.querySelectorAll('button[data-passkey]'))
    button.addEventListener('click', (event) => {
      event.preventDefault();
      void press(button);
    });
  const button = document.querySelector('button[data-autofill]');
  if (button) void browserSupportsWebAuthnAutofill().then((isSupported) => isSupported && offerAutofill(button));
} else {
  // the stylesheet shows them before this script runs
  for (const part of parts) part.remove();
}
