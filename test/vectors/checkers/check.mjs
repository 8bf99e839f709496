const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
/** A part that is null is left open. */
const covers = (wide, narrow) => wide.kind === narrow.kind &&
    wide.parts.every((part, n) => part === null || part === narrow.parts[n]) &&
    narrow.start.startsWith(wide.start);
const clauseCovers = (wide, value, narrow, chosen) => wide.parameter === narrow.parameter && covers(wide.values[value], narrow.values[chosen]);
const typeCovers = (wide, narrow) => wide === '*' || wide === narrow;
const scopeCovers = (includes, wide, narrow, { permission, values, by }) => includes(wide.level, narrow.level) &&
    typeCovers(wide.type, narrow.type) &&
    wide.permissions.includes(permission) &&
    by.length === wide.query.length &&
    wide.query.every((one, n) => clauseCovers(one, by[n][0], narrow.query[by[n][1]], values[by[n][1]]));
/** Every choice of one value of each clause; the last changes first. */
const choices = ([clause, ...rest]) => clause === undefined ? [[]] : clause.values.flatMap((_, value) => choices(rest).map((others) => [value, ...others]));
/** All that must be covered. It is made from the request, not from the certificate. */
const wanted = (element, requested) => {
    if (element === null || typeof element === 'string')
        return element === null ? [] : [{ requested }];
    const atom = (values) => element.permissions.map((permission) => ({ requested, permission, values }));
    return choices(element.query).flatMap(atom);
};
const covered = ({ granted, requested, includes }, entry) => {
    const [wide, narrow] = [granted[entry.granted], requested[entry.requested]];
    if (typeof wide === 'string' || typeof narrow === 'string')
        return wide === narrow && entry.by === undefined;
    return scopeCovers(includes, wide, narrow, entry);
};
const allows = (includes, element, use) => {
    if (typeof element === 'string' || typeof use === 'string')
        return element === use;
    const holds = ({ parameter, values }) => values.some((value) => use.index.get(parameter)?.some((one) => covers(value, one)));
    return (includes(element.level, use.level) &&
        typeCovers(element.type, use.type) &&
        element.permissions.includes(use.permission) &&
        element.query.every(holds));
};
/** Whether one of some scopes permits an access. */
export const permits = (includes, elements, use) => elements.some((element) => element !== null && allows(includes, element, use));
/** Whether a certificate proves its answer to this question. Throws where it is not a certificate at all. */
export const check = (question, given) => {
    const { granted, requested, includes, stated, readUse } = question;
    if (!isSame([given.version, given.granted, given.requested, given.levelOrder, given.types], stated))
        return false;
    const use = given.result === false ? readUse(given.access) : null;
    if (use !== null)
        return permits(includes, requested, use) && !permits(includes, granted, use);
    const named = given.atoms.map(({ requested, permission, values }) => ({ requested, permission, values }));
    if (given.result !== true || !isSame(named, requested.flatMap(wanted)))
        return false;
    return given.atoms.every((entry) => covered(question, entry));
};
