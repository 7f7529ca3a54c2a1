import { headers } from 'next/headers';
import { isConnected } from '../lib/session.js';
import { Question } from './question.js';

export default async function Page() {
  return (
    <main>
      <h1>An app that uses your AI</h1>
      {isConnected(await headers()) ? <Connected /> : <Unconnected />}
    </main>
  );
}

function Unconnected() {
  return (
    <form action="/ai/connect" method="post">
      <p>This app has no AI of its own. It uses yours, within the limits that you choose.</p>
      <button type="submit">Connect your AI</button>
    </form>
  );
}

function Connected() {
  return (
    <>
      <Question />
      <form action="/ai/raise" method="post">
        <button type="submit">Allow more requests</button>
      </form>
      <form action="/ai/disconnect" method="post">
        <button type="submit">Disconnect</button>
      </form>
    </>
  );
}
