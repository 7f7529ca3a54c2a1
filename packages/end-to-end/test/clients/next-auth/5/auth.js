import NextAuth from 'next-auth';
import { keepAccessToken } from './keep-access-token.js';

export const { handlers } = NextAuth({
  providers: [
    {
      id: 'aipassport',
      name: 'AIPassport',
      type: 'oidc',
      issuer: process.env.ISSUER,
      clientId: process.env.CLIENT_ID,
      clientSecret: process.env.CLIENT_SECRET,
      authorization: { params: { scope: process.env.SCOPE } },
      checks: ['pkce', 'state', 'nonce'],
    },
  ],
  callbacks: { jwt: keepAccessToken },
});
