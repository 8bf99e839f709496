/**
 * Reads what `check.ts` checks: the texts of scopes, and an access. A checker trusts its reader, its table of
 * parameters and its order of levels; what they give is data without text that has to be compared by a rule.
 */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access -- any JSON */
/* eslint-disable @typescript-eslint/no-unsafe-argument -- the same */
const plain = (text) => text.replace(/\\([,|$\\])/g, '$1');
const escaped = (text) => text.replace(/[,|$\\]/g, '\\$&');
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ');
const split = (text, mark) => {
    const parts = [''];
    for (const piece of text.match(/\\[^]|[^]/g) ?? [])
        piece === mark ? parts.push('') : (parts[parts.length - 1] += piece); // eslint-disable-line
    return parts;
};
const readToken = (text) => {
    const [system = '', ...code] = split(text, '|');
    return code.length === 0 ? [null, plain(system)] : [plain(system), plain(code.join('|')) || null];
};
const readValue = (kind, text, isExact) => {
    if (kind === 'token')
        return { kind, parts: readToken(text), start: '' };
    if (kind === 'string')
        return { kind, parts: [isExact ? plain(text) : null], start: fold(plain(text)) };
    if (kind === 'reference' && !/[/:]/.test(text))
        return { kind, parts: [null, plain(text)], start: '' };
    if (kind === 'reference' && /^[^/:]+\/[^/:]+$/.test(text))
        return { kind, parts: plain(text).split('/'), start: '' };
    return kind === 'opaque'
        ? { kind, parts: [text], start: '' }
        : { kind: `${kind} as a whole`, parts: [plain(text)], start: '' };
};
const readClause = (text) => {
    try {
        const [, head = '', value = ''] = /^([^=]+)=(.+)$/.exec(text)?.map(decodeURIComponent) ?? [];
        const [, name, modifier] = /^([A-Za-z_][A-Za-z0-9_.-]*)(?::([^]+))?$/.exec(head) ?? [];
        const values = split(value, ',');
        return name === undefined || values.includes('') || !/^(?:\\[^]|[^\\])+$/.test(value)
            ? null
            : [name, modifier, values];
    }
    catch {
        return null;
    }
};
const form = /^(patient|user|system)\/(\*|[A-Z][A-Za-z0-9]*)\.(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([!#-[\]-~]*))?)$/;
const readElement = (text, read) => {
    const [, level, type = '', old, letters, query] = form.exec(text) ?? [];
    const clauses = query === undefined ? [] : query.split('&').map(readClause);
    if (level === undefined || clauses.includes(null))
        return text === '' ? null : text;
    const permissions = letters ?? (old === 'read' ? 'rs' : old === 'write' ? 'cud' : 'cruds');
    return { level, type, permissions: permissions.split(''), query: clauses.map((one) => read(type, one)) };
};
const includesIn = (order, wide, narrow) => {
    const others = order.filter(([from]) => from !== wide);
    return wide === narrow || order.some(([from, to]) => from === wide && includesIn(others, to, narrow));
};
/** Reads a question by the checker's own table and order. */
export const readQuestion = (granted, requested, typeOf, order) => {
    const types = new Map();
    const readBy = (type, [name, modifier, values]) => {
        const found = typeOf(type, name) ?? 'opaque';
        types.set(`${type} ${name}`, [type, name, found]);
        if (found !== 'opaque' && (modifier === undefined || (modifier === 'exact' && found === 'string')))
            return {
                parameter: `${found} ${name}`,
                values: values.map((one) => readValue(found, one, modifier !== undefined))
            };
        const parameter = modifier === undefined ? `opaque ${name}` : `opaque ${name}:${modifier}`;
        return { parameter, values: [readValue('opaque', values.join(), true)] };
    };
    const readSet = (text) => text.split(' ').map((one) => readElement(one, readBy));
    const readUse = (access) => {
        if (Object.hasOwn(access, 'atom'))
            return String(access.atom);
        const ownType = (name) => typeOf(access.type, name) ?? typeOf('*', name) ?? 'opaque';
        const index = Object.entries(access.resource).flatMap(([key, texts]) => {
            const [, type, name = key] = /^([^/:]*)\/([^/:]*)$/.exec(key) ?? [];
            // `type/name` has the values for scopes of a type (or `*`) that reads the parameter otherwise than the resource.
            const kind = key.includes(':') ? 'opaque' : type === undefined ? ownType(name) : (typeOf(type, name) ?? 'opaque');
            if (type !== undefined && (kind === ownType(name) || ![access.type, '*'].includes(type)))
                return [];
            const values = texts.map((one) => readValue(kind, /token|opaque/.test(kind) ? one : escaped(one), true));
            if (values.some(({ parts }) => parts.includes(null)))
                throw new Error('an index value leaves nothing open');
            return [[`${kind} ${name}`, values]];
        });
        return { level: access.level, type: access.type, permission: access.permission, index: new Map(index) };
    };
    const [have, want] = [readSet(granted), readSet(requested)];
    const includes = (wide, narrow) => includesIn(order, wide, narrow);
    return {
        granted: have,
        requested: want,
        includes,
        stated: [1, granted, requested, order, [...types.values()]],
        readUse
    };
};
