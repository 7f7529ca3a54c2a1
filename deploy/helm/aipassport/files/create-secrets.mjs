// Makes the secrets of an installation, and stores each directory of them as a Secret of Kubernetes. A Secret that exists
// stays as it is. If only some of them exist, nothing is made: the new ones would not match the old.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const { RELEASE, DATABASE, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;
const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const namespace = readFileSync(`${account}/namespace`, 'utf8');
const host = KUBERNETES_SERVICE_HOST.includes(':') ? `[${KUBERNETES_SERVICE_HOST}]` : KUBERNETES_SERVICE_HOST;
const secrets = `https://${host}:${KUBERNETES_SERVICE_PORT}/api/v1/namespaces/${namespace}/secrets`;
const headers = {
  authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}`,
  'content-type': 'application/json',
};
const directories = ['authorization-server', 'audit', 'resource-proxy', 'owner', 'database'];

const found = await Promise.all(directories.map((name) => exists(`${RELEASE}-${name}`)));
if (found.every(Boolean)) {
  console.log('All secrets exist.');
} else if (found.some(Boolean)) {
  const missing = directories.filter((_, index) => !found[index]);
  throw new Error(
    `some secrets exist, and these are missing: ${missing.join(', ')}. Restore them, or delete the others`,
  );
} else {
  execFileSync('aipassport', ['keys', 'init', '--directory', '/new-secrets', '--database', DATABASE], {
    stdio: 'inherit',
  });
  const password = readFileSync('/new-secrets/database/password', 'utf8');
  await create(`${RELEASE}-database-superuser`, 'kubernetes.io/basic-auth', { username: 'postgres', password });
  for (const name of directories) {
    const files = readdirSync(`/new-secrets/${name}`).map((file) => [
      file,
      readFileSync(`/new-secrets/${name}/${file}`, 'utf8'),
    ]);
    await create(`${RELEASE}-${name}`, 'Opaque', Object.fromEntries(files));
  }
}

async function exists(name) {
  const { status } = await fetch(`${secrets}/${name}`, { headers });
  if (status !== 200 && status !== 404) throw new Error(`Kubernetes answered ${status} for the secret ${name}`);
  return status === 200;
}

async function create(name, type, stringData) {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, immutable: false, stringData };
  const { status } = await fetch(secrets, { method: 'POST', headers, body: JSON.stringify(secret) });
  if (status !== 201) throw new Error(`Kubernetes answered ${status} to the creation of the secret ${name}`);
  console.log(`made the secret ${name}`);
}
