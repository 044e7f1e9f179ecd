import { familyNames, givenNames } from './names.ts';

/** Somebody with a Box account. */
export interface SimulatorUser {
  /** Decimal digits. */
  id: string;
  /** As the user wishes to be called. */
  name: string;
  /** An email address. */
  login: string;
  /** The access token that this user's requests carry. */
  token: string;
}

/** Makes up so many users, the same ones each time. */
export function inventUsers(count: number): SimulatorUser[] {
  return Array.from({ length: count }, (_, index) => inventUser(index));
}

function inventUser(index: number): SimulatorUser {
  const round = Math.floor(index / givenNames.length);
  const givenName = givenNames[index % givenNames.length] ?? givenNames[0];
  const familyName = familyNames[(index + round) % familyNames.length] ?? familyNames[0];
  const id = String(17_738_362_001 + index * 97);
  const again = Math.floor(round / familyNames.length);
  const address = `${givenName}.${familyName}${again > 0 ? again + 1 : ''}`;
  return {
    id,
    name: `${givenName} ${familyName}`,
    login: `${toAscii(address)}@acme.example`,
    token: `token-of-${id}`,
  };
}

function toAscii(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll('ø', 'o')
    .replaceAll('Ł', 'L')
    .replaceAll(/[^a-zA-Z0-9.]/g, '')
    .toLowerCase();
}
