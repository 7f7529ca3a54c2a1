// Serves this directory, and the modules that the page imports. If your app is bundled, any static file server can
// serve it.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';

const {
  ISSUER: issuer = 'http://localhost:4000',
  RESOURCE_PROXY_URL: resourceProxyUrl = 'http://localhost:4100',
  CLIENT_ID: clientId,
  PORT: port = '3000',
} = process.env;
if (clientId === undefined) throw new Error('Set CLIENT_ID. examples/README.md shows how to register a client.');

const client = fileURLToPath(import.meta.resolve('@aipassport/client'));
const modules = {
  client: path.dirname(client),
  oauth4webapi: path.dirname(createRequire(client).resolve('oauth4webapi')),
  openai: path.dirname(fileURLToPath(import.meta.resolve('openai'))),
};

const app = express();
for (const [name, directory] of Object.entries(modules)) app.use(`/modules/${name}`, express.static(directory));
app.get('/settings.json', (_request, response) => response.json({ issuer, resourceProxyUrl, clientId }));
app.use(express.static(import.meta.dirname));
app.listen(Number(port), '127.0.0.1', () => console.log(`http://localhost:${port}/`));
