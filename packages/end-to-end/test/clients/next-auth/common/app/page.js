import { createElement } from 'react';

export default function Page() {
  return createElement('a', { href: '/api/auth/signin' }, 'Connect your AI');
}
