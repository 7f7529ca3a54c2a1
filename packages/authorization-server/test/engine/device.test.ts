import { expect } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { AdapterPayload, Configuration } from 'oidc-provider';
import { describeAllowed, describeDenied, readDeviceCode } from '../../src/oidc/engine/device-codes.js';
import { findRedeemed } from '../../src/oidc/engine/find-redeemed.js';
import { deviceGrantType } from '../../src/oidc/offered.js';
import { type BareProvider, resource } from '../support/bare-provider.js';
import { canary, start } from './canary.js';

/** Starts a provider with the device flow, and asks for a device code. @returns its row, and how to redeem it */
async function beginDevice(configuration: Configuration = {}) {
  const details = () => [{ type: 'test' }];
  const bare = await start({
    configuration: {
      ...configuration,
      clients: [
        {
          client_id: 'app',
          client_secret: 'the-secret-of-the-app-0123456789-0123456789',
          grant_types: [deviceGrantType, 'refresh_token'],
          response_types: [],
          redirect_uris: [],
        },
      ],
      features: {
        deviceFlow: { enabled: true },
        richAuthorizationRequests: {
          enabled: true,
          types: { test: { validate: () => undefined } },
          authorizationDetailsForGrantSource: details,
          authorizationDetailsForAccessToken: details,
          authorizationDetailsForIntrospection: details,
        },
      },
      ttl: { DeviceCode: 600, AccessToken: 600, Grant: 600, RefreshToken: 600, IdToken: 600 },
    },
  });
  const codes = await bare.post('/device/auth', { scope: 'openid model:a', resource });
  const { device_code: deviceCode } = codes;
  const row = bare.rows.get(`DeviceCode:${String(deviceCode)}`) ?? {};
  return {
    bare,
    codes,
    row,
    redeem: () => bare.post('/token', { grant_type: deviceGrantType, device_code: String(deviceCode) }),
  };
}

/** The owner allows another scope than the request asked for, so that the answer shows which of them is used. */
async function allow(bare: BareProvider, row: AdapterPayload): Promise<void> {
  const grant = new bare.provider.Grant({ accountId: 'owner', clientId: 'app' });
  grant.addOIDCScope('openid');
  grant.addResourceScope(resource, 'model:a model:b');
  const grantId = await grant.save();
  const allowed = { accountId: 'owner', grantId, scope: 'openid model:b', resource, authTime: 1 };
  Object.assign(row, describeAllowed({ ...allowed, authorizationDetails: [{ type: 'test' }] }));
}

canary('the row of a device code has the client in clientId and the parameters of its request in params', async () => {
  const { row } = await beginDevice();
  const params = { client_id: 'app', scope: 'openid model:a', resource };
  expect(readDeviceCode(row)).toMatchObject({ clientId: 'app', params, accountId: undefined, isDenied: false });
});

canary('a device code is redeemed with the accountId, grantId, scope, resource and rar of its row', async () => {
  const { bare, row, redeem } = await beginDevice();
  expect(await redeem()).toMatchObject({ error: 'authorization_pending' });
  await allow(bare, row);
  const answer = await redeem();
  expect(answer).toMatchObject({ scope: 'model:b', authorization_details: [{ type: 'test' }] });
  const [idToken, accessToken] = [answer['id_token'], answer['access_token']].map((jwt) => decodeJwt(String(jwt)));
  expect([idToken?.sub, accessToken?.sub, accessToken?.aud]).toEqual(['owner', 'owner', resource]);
});

canary('a device code whose row has an error is refused with that error', async () => {
  const { row, redeem } = await beginDevice();
  Object.assign(row, describeDenied({ accountId: 'owner' }));
  expect(await redeem()).toEqual({ error: 'access_denied', error_description: 'the owner denied the request' });
});

canary('a device code whose row is found after it has expired is refused with expired_token', async () => {
  const { row, redeem } = await beginDevice();
  Object.assign(row, { exp: Math.floor(Date.now() / 1_000) - 60 });
  expect(await redeem()).toMatchObject({ error: 'expired_token' });
});

canary('while tokens are issued for a device code, it is in ctx.oidc.entities', async () => {
  const seen: unknown[] = [];
  const { bare, row, redeem } = await beginDevice({
    extraTokenClaims: ({ oidc }) => {
      const { kind, scope } = findRedeemed(oidc) ?? {};
      seen.push([kind, scope]);
      return undefined;
    },
  });
  await allow(bare, row);
  await redeem();
  expect(seen).toEqual([['DeviceCode', 'openid model:b']]);
});

canary('verification_uri is the path of code_verification, and verification_uri_complete adds user_code', async () => {
  const { bare, codes } = await beginDevice({ routes: { code_verification: '/somewhere' } });
  const { user_code: userCode, verification_uri: address, verification_uri_complete: complete } = codes;
  expect([address, complete]).toEqual([`${bare.url}/somewhere`, `${bare.url}/somewhere?user_code=${String(userCode)}`]);
});
