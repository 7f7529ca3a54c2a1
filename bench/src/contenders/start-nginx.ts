import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@aipassport/launcher';
import { pinned } from '../processes/pin.js';
import type { Rig } from '../rig/open-rig.js';
import type { Contender } from './contender.js';

/** Debian installs nginx in a directory that is not on every user's PATH. */
const programs = ['nginx', '/usr/sbin/nginx'];

/**
 * Starts nginx as a plain reverse proxy: one worker, connections that stay open, no buffering, no access log.
 *
 * @returns undefined when this machine has no nginx
 */
export async function startNginx({ places, directory, upstreamPort, closing }: Rig): Promise<Contender | undefined> {
  const program = programs.find((name) => spawnSync(name, ['-v']).status === 0);
  if (program === undefined) return undefined;
  const port = await freePort();
  const prefix = path.join(directory, 'nginx');
  mkdirSync(prefix, { recursive: true });
  const file = path.join(prefix, 'nginx.conf');
  writeFileSync(file, formatConfiguration(port, upstreamPort));
  const [command, commandArguments] = pinned(places.proxy, program, [
    '-p',
    prefix,
    '-c',
    file,
    '-e',
    path.join(prefix, 'error.log'),
  ]);
  const child = spawn(command, commandArguments, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  closing.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await waitForPort(port);
  return { name: 'nginx', target: { port, path: '/v1/chat/completions', accessTokens: [''] }, pid: child.pid };
}

function formatConfiguration(port: number, upstreamPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  keepalive_timeout 600s;
  keepalive_requests 100000000;
  upstream origin {
    server 127.0.0.1:${upstreamPort};
    keepalive 1024;
    keepalive_requests 100000000;
    keepalive_timeout 600s;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

async function waitForPort(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('nginx does not listen');
}
