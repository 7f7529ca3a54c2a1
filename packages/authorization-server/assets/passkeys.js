// Signs in with passkeys, confirms with them, and makes them. Without this script, pages offer the password only.
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const withBytes = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

/** Each makes a credential from the server's options, and describes it as the server reads it. */
const ceremonies = {
  get: async (options) => {
    const publicKey = {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    };
    const credential = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
    return describe(credential, {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      ...(userHandle && { userHandle: toText(userHandle) }),
    });
  },
  create: async (options) => {
    const publicKey = {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    };
    const credential = await navigator.credentials.create({ publicKey });
    const { response } = credential;
    return describe(credential, {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    });
  },
};

const describe = ({ id, rawId, type }, response) => ({
  id,
  rawId: toText(rawId),
  type,
  response,
  clientExtensionResults: {},
});

/** Fills the credential into the button's form, and sends the form as its own button would. */
const run = async (button) => {
  const { form } = button;
  const problem = form.querySelector('[data-passkey-problem]');
  if (problem) problem.hidden = true;
  button.disabled = true;
  try {
    const csrfToken = form.elements.namedItem('csrf_token').value;
    const answer = await fetch(button.dataset.options, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ csrf_token: csrfToken }),
    });
    if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
    const credential = await ceremonies[button.dataset.passkey](await answer.json());
    form.elements.namedItem('passkey').value = JSON.stringify(credential);
    const submitter = form.querySelector('[data-confirmed]');
    if (submitter) addField(form, submitter.name, submitter.value);
    form.submit();
  } catch {
    // the owner cancelled, the device has no passkey for this site, or the server cannot be reached
    if (problem) problem.hidden = false;
  } finally {
    button.disabled = false;
  }
};

const addField = (form, name, value) => {
  const field = document.createElement('input');
  Object.assign(field, { type: 'hidden', name, value });
  form.append(field);
};

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll('[data-passkey-part]')) part.hidden = false;
  for (const button of document.querySelectorAll('button[data-passkey]'))
    button.addEventListener('click', (event) => {
      event.preventDefault();
      void run(button);
    });
}
