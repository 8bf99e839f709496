# Checks certificates of answers about scopes. It shares no code with the toolkit; see docs/scope-vectors.md.
#
# ruby check.rb < scopes-1.jsonl    checks each line that has a certificate and prints its id and the answer
require 'json'

FORM = %r{\A(patient|user|system)/(\*|[A-Z][A-Za-z0-9]*)\.(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([!#-\[\]-~]*))?)\z}

def plain(text) = text.gsub(/\\([,|$\\])/) { $1 }
def fold(text) = text.unicode_normalize(:nfd).gsub(/\p{M}/, '').downcase.gsub("\u03c2", "\u03c3")

def split(text, mark)
  text.scan(/\\.|./m).each_with_object([+'']) { |piece, parts| piece == mark ? parts.push(+'') : parts.last << piece }
end

def decode(text)
  raise ArgumentError if text.match?(/%(?!\h\h)/)
  bytes = text.b.gsub(/%(\h\h)/n) { $1.hex.chr }.force_encoding('UTF-8')
  bytes.valid_encoding? ? bytes : raise(ArgumentError)
end

def read_clause(text)
  head, value = /\A([^=]+)=(.+)\z/.match(text)&.captures&.map { |part| decode(part) }
  name, modifier = /\A([A-Za-z_][A-Za-z0-9_.-]*)(?::(.+))?\z/m.match(head.to_s)&.captures
  values = split(value.to_s, ',')
  return nil if name.nil? || values.include?('') || !/\A(?:\\.|[^\\])+\z/m.match?(value)
  [name, modifier, values]
rescue ArgumentError
  nil
end

def read_scope(text)
  level, type, old, letters, query = FORM.match(text)&.captures
  clauses = query.nil? ? [] : query.split('&', -1).map { |one| read_clause(one) }
  return nil if level.nil? || query == '' || clauses.include?(nil)
  [level, type, (letters || { 'read' => 'rs', 'write' => 'cud', '*' => 'cruds' }[old]).chars, clauses]
end

def token(text)
  system, *code = split(text, '|')
  return [nil, plain(system)] if code.empty?
  code = plain(code.join('|'))
  [plain(system), code == '' ? nil : code]
end

def covers(type, wide, narrow, wide_exact, narrow_exact)
  return token(wide).zip(token(narrow)).all? { |w, n| w.nil? || w == n } if type == 'token'
  return fold(plain(narrow)).start_with?(fold(plain(wide))) if type == 'string' && !wide_exact
  return false if type == 'string' && !narrow_exact
  if type == 'reference' && !wide.match?(%r{[/:]}) && narrow.match?(%r{\A[^/:]+/[^/:]+\z})
    return plain(wide) == plain(narrow).split('/')[1]
  end
  plain(wide) == plain(narrow)
end

def includes(order, wide, narrow)
  others = order.reject { |from, _| from == wide }
  wide == narrow || order.any? { |from, to| from == wide && includes(others, to, narrow) }
end

# The type by which a clause is compared. `type_of` is the checker's own table.
def type_in(type_of, resource_type, (name, modifier))
  type = type_of.(resource_type, name) || 'opaque'
  modifier.nil? || (type == 'string' && modifier == 'exact') ? type : 'opaque'
end

# Values that the type of the resource (`*` where it is unknown) reads differently are no values for the scope.
def values_for(type_of, scope_type, clause, access)
  name, modifier = clause
  type = type_in(type_of, scope_type, clause)
  own = type_of.(access['type'], name) || type_of.('*', name) || 'opaque'
  key = own == type ? name : "#{scope_type}/#{name}"
  access['resource'][type == 'opaque' && modifier ? "#{name}:#{modifier}" : key] || []
end

def holds(type_of, scope_type, clause, access)
  _, modifier, values = clause
  type = type_in(type_of, scope_type, clause)
  indexed = values_for(type_of, scope_type, clause, access)
  return indexed.include?(values.join(',')) if type == 'opaque'
  found = indexed.map { |one| type == 'token' ? one : one.gsub(/[,|$\\]/) { |mark| "\\#{mark}" } }
  values.any? { |value| found.any? { |one| covers(type, value, one, !modifier.nil?, true) } }
end

def permits(granted, access, type_of, order)
  granted.split(/ /, -1).any? do |text|
    scope = read_scope(text)
    next scope.nil? && text != '' && text == access['atom'] if scope.nil? || access.key?('atom')
    level, type, permissions, query = scope
    includes(order, level, access['level']) && ['*', access['type']].include?(type) &&
      permissions.include?(access['permission']) && query.all? { |one| holds(type_of, type, one, access) }
  end
end

# Every atom of the request, in order: what is to be covered does not depend on the certificate.
def wanted_atoms(requested, typed)
  requested.split(/ /, -1).each_with_index.flat_map do |text, place|
    scope = read_scope(text)
    next text == '' ? [] : [[{ 'requested' => place }, text, nil]] if scope.nil?
    sizes = scope[3].map { |clause| typed.(scope[1], clause) == 'opaque' ? [0] : (0...clause[2].length).to_a }
    choices = sizes.empty? ? [[]] : sizes[0].product(*sizes[1..])
    choices.flat_map do |values|
      scope[2].map { |one| [{ 'requested' => place, 'permission' => one, 'values' => values }, text, scope] }
    end
  end
end

# Whether a certificate proves its answer to this question; `type_of` and `order` are the checker's own.
def check(granted, requested, given, type_of, order)
  question = given.values_at('version', 'granted', 'requested', 'levelOrder')
  return false if question != [1, granted, requested, order]
  return false if given['types'].any? { |type, name, stated| stated != (type_of.(type, name) || 'opaque') }
  if given['result'] == false
    return permits(requested, given['access'], type_of, order) && !permits(granted, given['access'], type_of, order)
  end
  stated = given['types'].to_h { |row| [row, true] }
  typed = lambda do |type, clause|
    raise ArgumentError unless stated[[type, clause[0], type_of.(type, clause[0]) || 'opaque']]
    type_in(type_of, type, clause)
  end
  value_covers = lambda do |wide_type, wide, v, scope, values, c|
    raise ArgumentError if v.negative? || c.negative?
    narrow, type = scope[3].fetch(c), typed.(wide_type, wide)
    next false if wide[0] != narrow[0] || type != typed.(scope[1], narrow)
    next v == 0 && wide == narrow if type == 'opaque'
    covers(type, wide[2].fetch(v), narrow[2].fetch(values[c]), !wide[1].nil?, !narrow[1].nil?)
  end
  texts = granted.split(/ /, -1)
  scopes = texts.map { |text| read_scope(text) }
  wanted = wanted_atoms(requested, typed)
  given['result'] == true && given['atoms'].length == wanted.length &&
    wanted.zip(given['atoms']).all? do |(atom, text, scope), covered|
      place, by = covered['granted'], covered['by']
      next false if covered.reject { |name, _| %w[granted by].include?(name) } != atom || place.negative?
      next by.nil? && texts.fetch(place) == text if scope.nil?
      level, type, permissions, query = scopes.fetch(place)
      includes(order, level, scope[0]) && ['*', scope[1]].include?(type) &&
        permissions.include?(atom['permission']) && by.length == query.length &&
        query.zip(by).all? { |clause, (v, c)| value_covers.(type, clause, v, scope, atom['values'], c) }
    end
end

def answer(line, types)
  type_of = ->(resource_type, name) { types.dig(resource_type, name) }
  certificates = line.key?('certificate') ? [line] : line['certificates'].map { |one| one.merge('certificate' => one) }
  certificates.all? do |one|
    check(one['granted'], one['requested'], one['certificate'], type_of, line['levelOrder'] || [])
  end
rescue StandardError
  false
end

if __FILE__ == $PROGRAM_NAME
  types = {}
  $stdin.set_encoding('UTF-8')
  $stdin.each_line do |text|
    line = JSON.parse(text, max_nesting: false)
    types = line['types'] if line.key?('kinds')
    next unless line.key?('certificate') || line.key?('certificates')
    puts "#{line['id']} #{answer(line, types) ? 'accepted' : 'refused'}"
  end
end
