import type { ClientIdentity } from '@aipassport/store/authorization';
import { findPlace } from '../describe-destination.js';
import type { Specified } from './specified.js';

/** What the pages show below the name of an app, because an app can choose any name. */
export function describeOrigin({ isVouchedFor, redirectUris }: Omit<ClientIdentity, 'clientName'>) {
  const places = new Map(redirectUris.map(describePlace).map((place) => [`${place.kind} ${place.name}`, place]));
  return { is_verified: isVouchedFor, places: [...places.values()] };
}

function describePlace(redirectUri: string): Specified['AppPlace'] {
  const place = findPlace(redirectUri);
  switch (place.kind) {
    case 'web':
      return { kind: place.kind, name: place.host };
    case 'scheme':
      return { kind: place.kind, name: place.scheme };
    case 'computer':
      return { kind: place.kind, name: null };
  }
}
