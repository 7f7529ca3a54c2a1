import NextAuth from 'next-auth';
import { keepAccessToken } from './keep-access-token.js';

const handler = NextAuth({
  providers: [
    {
      id: 'aipassport',
      name: 'AIPassport',
      type: 'oauth',
      wellKnown: `${process.env.ISSUER}/.well-known/openid-configuration`,
      clientId: process.env.CLIENT_ID,
      clientSecret: process.env.CLIENT_SECRET,
      authorization: { params: { scope: process.env.SCOPE } },
      idToken: true,
      checks: ['pkce', 'state', 'nonce'],
      profile: ({ sub }) => ({ id: sub }),
    },
  ],
  callbacks: { jwt: keepAccessToken },
});

export const handlers = { GET: handler, POST: handler };
