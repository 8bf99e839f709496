# Checks certificates of answers about scopes, without code of the toolkit. The definitions are those of the same names
# in test/proof/Certificates.v, which proves that what `check` accepts is true. read.rb reads what is checked.

def covers(wide, narrow) # A part that is nil is left open.
  wide.kind == narrow.kind && wide.parts.zip(narrow.parts).all? { |part, other| part.nil? || part == other } &&
    narrow.start.start_with?(wide.start)
end

def at(items, place) # Ruby counts negative places from the end.
  place.is_a?(Integer) && place >= 0 ? items.fetch(place) : raise(IndexError)
end

def clause_covers(wide, value, narrow, chosen)
  wide.parameter == narrow.parameter && covers(at(wide.values, value), at(narrow.values, chosen))
end

def type_covers(wide, narrow) = ['*', narrow].include?(wide)

def scope_covers(includes, wide, narrow, permission, values, by)
  includes.(wide.level, narrow.level) && type_covers(wide.type, narrow.type) && wide.permissions.include?(permission) &&
    by.length == wide.query.length && wide.query.zip(by).all? do |one, (value, clause)|
      clause_covers(one, value, at(narrow.query, clause), at(values, clause))
    end
end

def atoms_of(element)
  return [[nil, nil]] if element.is_a?(String)
  choices = element.query.reduce([[]]) { |all, one| all.product([*0...one.values.length]).map { |l, n| [*l, n] } }
  choices.flat_map { |values| element.permissions.map { |permission| [permission, values] } }
end

def wanted(elements) # All that must be covered. It is made from the request, not from the certificate.
  elements.each_with_index.flat_map { |one, place| one.nil? ? [] : atoms_of(one).map { |atom| [place, *atom] } }
end

def covered(question, entry)
  wide, narrow = at(question.granted, entry['granted']), at(question.requested, entry['requested'])
  return wide == narrow && entry['by'].nil? if wide.is_a?(String) || narrow.is_a?(String)
  scope_covers(question.includes, wide, narrow, *entry.values_at('permission', 'values', 'by'))
end

def allows(includes, element, use)
  return element == use if element.is_a?(String) || use.is_a?(String)
  includes.(element.level, use.level) && type_covers(element.type, use.type) &&
    element.permissions.include?(use.permission) && element.query.all? do |clause|
      clause.values.any? { |value| (use.index[clause.parameter] || []).any? { |one| covers(value, one) } }
    end
end

def permits(includes, elements, use) = elements.any? { |one| !one.nil? && allows(includes, one, use) }

# Whether a certificate proves its answer to this question. Raises where it is not a certificate at all.
def check(question, given)
  return false if given.values_at('version', 'granted', 'requested', 'levelOrder', 'types') != question.stated
  if given['result'] == false
    use = question.read_use.(given['access'])
    return permits(question.includes, question.requested, use) && !permits(question.includes, question.granted, use)
  end
  named = given['atoms'].map { |entry| entry.values_at('requested', 'permission', 'values') }
  given['result'] == true && named == wanted(question.requested) &&
    given['atoms'].all? { |entry| covered(question, entry) }
end
