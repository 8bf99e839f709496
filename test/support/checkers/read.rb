# Reads what check.rb checks: the texts of scopes, and an access. A checker trusts its reader, its table of parameters
# and its order of levels; what they give is data without text that has to be compared by a rule.

Value = Struct.new(:kind, :parts, :start) # parts: nil is left open; start: how a string begins, folded
class Clause # how a parameter is read is part of its name; an opaque clause has one value
  attr_reader :parameter, :values

  def initialize(parameter, values) = (@parameter, @values = parameter, values)
end
Scope = Struct.new(:level, :type, :permissions, :query)
Use = Struct.new(:level, :type, :permission, :index)
Question = Struct.new(:granted, :requested, :includes, :stated, :read_use) # sets: nil is an empty scope

FORM = %r{\A(patient|user|system)/(\*|[A-Z][A-Za-z0-9]*)\.(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([!#-\[\]-~]*))?)\z}

def as_text(value) = value.is_a?(String) ? value : raise(ArgumentError, 'expected a text')
def plain(text) = text.gsub(/\\([,|$\\])/) { $1 }
def escaped(text) = text.gsub(/[,|$\\]/) { |mark| "\\#{mark}" }
def fold(text) = text.unicode_normalize(:nfd).gsub(/\p{M}/, '').downcase.gsub("\u03c2", "\u03c3")

def split(text, mark)
  text.scan(/\\.|./m).each_with_object([+'']) { |piece, parts| piece == mark ? parts.push(+'') : parts.last << piece }
end

def read_token(text)
  system, *code = split(text, '|')
  return [nil, plain(system)] if code.empty?
  code = plain(code.join('|'))
  [plain(system), code == '' ? nil : code]
end

def read_value(kind, text, is_exact)
  return Value.new(kind, read_token(text), '') if kind == 'token'
  return Value.new(kind, [is_exact ? plain(text) : nil], fold(plain(text))) if kind == 'string'
  return Value.new(kind, [nil, plain(text)], '') if kind == 'reference' && !text.match?(%r{[/:]})
  return Value.new(kind, plain(text).split('/'), '') if kind == 'reference' && text.match?(%r{\A[^/:]+/[^/:]+\z})
  kind == 'opaque' ? Value.new(kind, [text], '') : Value.new("#{kind} as a whole", [plain(text)], '')
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

def read_element(text, read)
  level, type, old, letters, query = FORM.match(text)&.captures
  clauses = query.nil? ? [] : query.split('&', -1).map { |one| read_clause(one) }
  return text == '' ? nil : text if level.nil? || query == '' || clauses.include?(nil)
  permissions = (letters || { 'read' => 'rs', 'write' => 'cud', '*' => 'cruds' }[old]).chars
  Scope.new(level, type, permissions, clauses.map { |clause| read.(type, clause) })
end

def includes_in(order, wide, narrow)
  others = order.reject { |from, _| from == wide }
  wide == narrow || order.any? { |from, to| from == wide && includes_in(others, to, narrow) }
end

# Reads an access. `type/name` has the values for scopes of a type (or `*`) that reads the parameter otherwise than the
# resource.
def read_access(access, type_of)
  return as_text(access['atom']) if access.key?('atom')
  level, own, permission = access.values_at('level', 'type', 'permission').map { |one| as_text(one) }
  raise ArgumentError, 'expected an object' unless access['resource'].is_a?(Hash)
  own_type = ->(name) { type_of.(own, name) || type_of.('*', name) || 'opaque' }
  index = access['resource'].filter_map do |key, texts|
    type, name = %r{\A([^/:]*)/([^/:]*)\z}.match(key)&.captures || [nil, key]
    kind = key.include?(':') ? 'opaque' : type.nil? ? own_type.(name) : type_of.(type, name) || 'opaque'
    next if type && (kind == own_type.(name) || ![own, '*'].include?(type))
    values = texts.map { |one| read_value(kind, %w[token opaque].include?(kind) ? as_text(one) : escaped(as_text(one)), true) }
    raise ArgumentError, 'an index value leaves nothing open' if values.any? { |value| value.parts.include?(nil) }
    ["#{kind} #{name}", values]
  end
  Use.new(level, own, permission, index.to_h)
end

# Reads a question by the checker's own table and order; `type_of` gives nil where the table has nothing.
def read_question(granted, requested, type_of, order)
  types = {}
  read_by = lambda do |type, (name, modifier, values)|
    found = type_of.(type, name) || 'opaque'
    types[[type, name]] = [type, name, found]
    if found != 'opaque' && (modifier.nil? || (modifier == 'exact' && found == 'string'))
      next Clause.new("#{found} #{name}", values.map { |one| read_value(found, one, !modifier.nil?) })
    end
    Clause.new("opaque #{modifier.nil? ? name : "#{name}:#{modifier}"}", [read_value('opaque', values.join(','), true)])
  end
  have, want = [granted, requested].map { |text| text.split(/ /, -1).map { |one| read_element(one, read_by) } }
  includes = ->(wide, narrow) { includes_in(order, wide, narrow) }
  read_use = ->(access) { read_access(access, type_of) }
  Question.new(have, want, includes, [1, granted, requested, order, types.values], read_use)
end
