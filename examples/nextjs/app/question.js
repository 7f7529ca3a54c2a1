'use client';

import { useState } from 'react';

/** A form that sends a question and shows the answer while it arrives. */
export function Question() {
  const [answer, setAnswer] = useState('');

  async function ask(event) {
    event.preventDefault();
    const response = await fetch('/ai/chat', { method: 'POST', body: new FormData(event.currentTarget) });
    if (!response.ok) return setAnswer((await response.json()).message);
    setAnswer('');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
      const words = value;
      setAnswer((before) => before + words);
    }
  }

  return (
    <form onSubmit={ask}>
      <label>
        Your question <input name="question" required />
      </label>
      <button type="submit">Ask</button>
      <p>
        <output>{answer}</output>
      </p>
    </form>
  );
}
