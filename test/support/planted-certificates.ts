/** Ways in which a certificate is wrong. Each changes a right one, or returns null where it does not apply. */

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment -- any JSON */
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- the same */
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- the same */
type Plant = (line: any) => Readonly<Record<string, unknown>> | null

/** Changes the certificate of a yes. */
const inYes =
  (change: (certificate: any, line: any) => boolean): Plant =>
  (line) =>
    line.certificate.result === true && change(line.certificate, line) ? line : null

const inNo =
  (change: (certificate: any, line: any) => boolean): Plant =>
  (line) =>
    line.certificate.result === false && change(line.certificate, line) ? line : null

/** Changes the first atom for which a change applies. */
const inAtom = (change: (atom: any, certificate: any, scopes: ReadonlyArray<string>) => boolean): Plant =>
  inYes((certificate) => {
    const scopes: ReadonlyArray<string> = certificate.granted.split(' ')
    return certificate.atoms.some((atom: any) => atom.permission !== undefined && change(atom, certificate, scopes))
  })

const set = (target: any, name: string | number, value: unknown): true => {
  target[name] = value
  return true
}

const permissionsOf = (scope: string | undefined): string => {
  const suffix = /^[^.]*\.([^?]*)/.exec(scope ?? '')?.[1] ?? ''
  return ({ read: 'rs', write: 'cud', '*': 'cruds' } as Record<string, string>)[suffix] ?? suffix
}

const levelOf = (scope: string | undefined): string => (scope ?? '').split('/')[0] ?? ''
const typeOf = (scope: string | undefined): string => /\/([^.]*)\./.exec(scope ?? '')?.[1] ?? ''

/** The place of a granted scope that does not cover an atom, for the reason that `differs` looks for. */
const otherPlace = (atom: any, scopes: ReadonlyArray<string>, differs: (scope: string) => boolean): number =>
  scopes.findIndex(
    (scope, place) => place !== atom.granted && /^(?:patient|user|system)\//.test(scope) && differs(scope)
  )

const toOther = (differs: (scope: string, requested: string, atom: any) => boolean): Plant =>
  inAtom((atom, certificate, scopes) => {
    const requested = certificate.requested.split(' ')[atom.requested]
    const place = otherPlace(atom, scopes, (scope) => differs(scope, requested, atom))
    return place !== -1 && set(atom, 'granted', place)
  })

/** Changes the text of the granted scope that covers an atom, in the question and in the certificate. */
const inGrant = (change: (scope: string, permission: string) => string): Plant =>
  inYes((certificate, line) => {
    const scopes: Array<string> = certificate.granted.split(' ')
    const atom = certificate.atoms.find(
      ({ granted, permission }: any) =>
        permission !== undefined && change(scopes[granted]!, permission) !== scopes[granted]
    )
    if (atom === undefined) return false
    scopes[atom.granted] = change(scopes[atom.granted]!, atom.permission)
    line.granted = certificate.granted = scopes.join(' ')
    return true
  })

const isResource = (scope: string): boolean => /^(?:patient|user|system)\/(?:\*|[A-Z]\w*)\.[cruds*]/.test(scope)

/** Malformed scopes that look like resource scopes. */
const malformedScopes = [
  'patient/X.sr',
  'patient/Patient.q',
  'patient/Patient.read?gender=a',
  'patient/Patient.rs?gender',
  'patient/Patient.rs?gender=',
  'patient/Patient.rs?gender:=a',
  'patient/Patient.rs?1=a'
]

/** The planted faults by kind. */
export const planted: Readonly<Record<string, Plant>> = {
  'an atom is missing': inYes((certificate) => certificate.atoms.length > 0 && certificate.atoms.pop() !== undefined),
  'an atom is doubled': inYes(
    (certificate) => certificate.atoms.length > 0 && certificate.atoms.push(certificate.atoms[0]) > 0
  ),
  'two atoms are exchanged': inYes(({ atoms }) => atoms.length > 1 && set(atoms, 0, atoms.splice(1, 1, atoms[0])[0])),
  'no atoms at all': inYes((certificate) => certificate.atoms.length > 0 && set(certificate, 'atoms', [])),
  'a requested scope is left out': inYes((certificate) => {
    const kept = certificate.atoms.filter((atom: any) => atom.requested === 0)
    return kept.length < certificate.atoms.length && set(certificate, 'atoms', kept)
  }),
  'a permission is left out': inYes((certificate) => {
    const kept = certificate.atoms.filter((atom: any) => atom.permission !== 's')
    return kept.length < certificate.atoms.length && set(certificate, 'atoms', kept)
  }),
  'another permission': inAtom((atom) => set(atom, 'permission', atom.permission === 'r' ? 's' : 'r')),
  'a value that is not requested': inAtom((atom) => atom.values.length > 0 && set(atom.values, 0, 7)),
  'a value of the request twice': inAtom(
    (atom) => atom.values.length > 0 && set(atom.values, 0, Number(atom.values[0]) + 1)
  ),
  'a granted scope that does not exist': inAtom((atom, _certificate, scopes) => set(atom, 'granted', scopes.length)),
  'a granted scope before the first': inAtom((atom) => set(atom, 'granted', -1)),
  'a granted scope without the permission': toOther(
    (scope, _requested, atom) => isResource(scope) && !permissionsOf(scope).includes(atom.permission)
  ),
  'a granted scope of another type': toOther(
    (scope, requested) => isResource(scope) && typeOf(scope) !== '*' && typeOf(scope) !== typeOf(requested)
  ),
  'a granted scope of another level': (line) =>
    line.levelOrder.length > 0
      ? null
      : toOther((scope, requested) => isResource(scope) && levelOf(scope) !== levelOf(requested))(line),
  'a granted scope with one more clause': toOther(
    (scope, _requested, atom) =>
      isResource(scope) &&
      (scope.split('&').length > atom.by.length || !scope.includes('?')) &&
      scope.split('?')[1]?.split('&').length !== atom.by.length &&
      (scope.includes('?') || atom.by.length > 0)
  ),
  'a granted scope that has lost the permission': inGrant((scope, permission) =>
    scope.replace(/\.([cruds]{2,5})(?=\?|$)/, (_, all: string) => `.${all.replace(permission, '')}`)
  ),
  'a granted scope that is of another level now': (line) =>
    line.levelOrder.length > 0
      ? null
      : inGrant((scope) => scope.replace(/^[a-z]+/, levelOf(scope) === 'user' ? 'system' : 'user'))(line),
  'a granted scope that is of another type now': inGrant((scope) =>
    scope.includes('?') ? scope : scope.replace(/\/[^.]+/, '/Zz')
  ),
  'a malformed scope as a resource scope': inAtom((atom, _certificate, scopes) => {
    const place = scopes.findIndex((scope) => malformedScopes.includes(scope))
    return place !== -1 && set(atom, 'granted', place)
  }),
  'a clause is not covered': inAtom((atom) => atom.by.length > 0 && atom.by.pop() !== undefined),
  'a value that is not granted': inAtom((atom) => atom.by.length > 0 && set(atom.by[0], 0, 9)),
  'a value before the first': inAtom((atom) => atom.by.length > 0 && set(atom.by[0], 0, -1)),
  'a value that is the same in 32 bits': inAtom(
    (atom) => atom.by.length > 0 && set(atom.by[0], 0, 2 ** 32 + Number(atom.by[0][0]))
  ),
  'a requested clause that does not exist': inAtom((atom) => atom.by.length > 0 && set(atom.by[0], 1, 9)),
  'a requested clause of another parameter': inAtom((atom, certificate) => {
    const query = certificate.requested.split(' ')[atom.requested].split('?')[1]?.split('&') ?? []
    const nameOf = (clause: string): string => decodeURIComponent(/^[^=]*/.exec(clause)?.[0] ?? '')
    if (atom.by.length === 0) return false
    const other = query.findIndex((clause: string) => nameOf(clause) !== nameOf(query[atom.by[0][1]]))
    return other !== -1 && set(atom.by[0], 1, other)
  }),
  'another type of a parameter': inYes(
    ({ types }) => types.length > 0 && set(types[0], 2, types[0][2] === 'token' ? 'string' : 'token')
  ),
  'an opaque parameter as interpreted': inYes(({ types }) => {
    const row = types.find(([, , type]: ReadonlyArray<string>) => type === 'opaque')
    return row !== undefined && set(row, 2, 'token')
  }),
  'an interpreted parameter as opaque': inYes(({ types }) => {
    const row = types.find(([, , type]: ReadonlyArray<string>) => type !== 'opaque')
    return row !== undefined && set(row, 2, 'opaque')
  }),
  'a type that is not stated': inAtom((atom, certificate) => atom.by.length > 0 && set(certificate, 'types', [])),
  'an order of levels that was not declared': (line) =>
    line.levelOrder.length > 0
      ? null
      : { ...line, certificate: { ...line.certificate, levelOrder: [['user', 'system']] } },
  'another grant': (line) => ({ ...line, granted: `${line.granted as string} openid2` }),
  'another request': (line) => ({ ...line, requested: `${line.requested as string} patient/Patient.cruds` }),
  'another grant on both sides': inYes((certificate, line) => {
    if (certificate.atoms.length === 0) return false
    line.granted = certificate.granted = 'openid3'
    return true
  }),
  'a wider request on both sides': inYes((certificate, line) => {
    line.requested = certificate.requested = `${line.requested as string} system/Coverage.d`
    return true
  }),
  'another version': (line) => ({ ...line, certificate: { ...line.certificate, version: 2 } }),
  'yes instead of no': inNo((certificate) => set(certificate, 'result', true)),
  'yes instead of no, without atoms': inNo((certificate) => {
    set(certificate, 'result', true)
    return set(certificate, 'atoms', [])
  }),
  'no instead of yes': inYes((certificate) => set(certificate, 'result', false)),
  'no with an access that is granted': inYes((certificate) => {
    const [scope = ''] = certificate.granted.split(' ').filter((one: string) => isResource(one) && !one.includes('?'))
    const access = { level: levelOf(scope), type: typeOf(scope), permission: permissionsOf(scope)[0], resource: {} }
    if (scope === '') return false
    set(certificate, 'result', false)
    return set(certificate, 'access', access)
  }),
  'no with an access that is not requested': inNo((certificate) =>
    set(certificate, 'access', { atom: 'nobody-requests-this' })
  ),
  'no with a permission that is none': inNo((certificate) => {
    if (certificate.access.permission === undefined) return false
    return set(certificate.access, 'permission', '')
  }),
  'no with values left out': inNo((certificate) => {
    const { resource } = certificate.access
    // A request without a query would permit the access with no values, too.
    if (certificate.requested.split(' ').some((one: string) => !one.includes('?'))) return false
    return resource !== undefined && Object.keys(resource).length > 0 && set(certificate.access, 'resource', {})
  }),
  'no with an access whose type is in a list': inNo(
    ({ access }) => access.type !== undefined && set(access, 'type', [access.type])
  ),
  'no with an access whose text is in a list': inNo(
    ({ access }) => access.atom !== undefined && set(access, 'atom', [access.atom])
  ),
  'no with a list instead of index values': inNo(
    ({ access }) =>
      access.resource !== undefined && Object.keys(access.resource).length === 0 && set(access, 'resource', [])
  ),
  'no with a text instead of a list of values': inNo(({ access }) => {
    const [name = ''] = Object.keys(access.resource ?? {})
    return name !== '' && set(access.resource, name, access.resource[name][0])
  }),
  'a text for another text': inYes(({ atoms, granted }) => {
    const atom = atoms.find((one: any) => one.permission === undefined)
    const place = granted.split(' ').findIndex((_: string, one: number) => one !== atom?.granted)
    return atom !== undefined && place !== -1 && set(atom, 'granted', place)
  }),
  'not an object': (line) => ({ ...line, certificate: 'yes' }),
  'a list': (line) => ({ ...line, certificate: [] })
}
