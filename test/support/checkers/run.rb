# ruby run.rb < scopes-1.jsonl    checks each line that has a certificate and prints its id and the answer
require 'json'
require_relative 'check'
require_relative 'read'

def accepted?(line, types)
  type_of = ->(resource_type, name) { types.dig(resource_type, name) }
  pairs = line.key?('certificate') ? [[line, line['certificate']]] : line['certificates'].map { |one| [one, one] }
  pairs.all? do |one, certificate|
    check(read_question(one['granted'], one['requested'], type_of, line['levelOrder'] || []), certificate)
  end
rescue StandardError
  false
end

types = {}
$stdin.set_encoding('UTF-8')
$stdin.each_line do |text|
  line = JSON.parse(text, max_nesting: false)
  types = line['types'] if line.key?('kinds')
  next unless line.key?('certificate') || line.key?('certificates')
  puts "#{line['id']} #{accepted?(line, types) ? 'accepted' : 'refused'}"
end
