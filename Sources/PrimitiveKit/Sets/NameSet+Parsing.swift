extension NameSet {
  /// Reads a set: names, ranges, `,` `!` `&` `^`, and with a resolver `@group`, `@*`, wildcards, `key:value`.
  ///
  /// Operators apply from left to right. A plain word that is no known name but a group means the group. With
  /// `requiringMatches` a wildcard or tag that selects nothing is an error instead of an empty set.
  package init(
    parsing text: String,
    resolver: (any NameResolver)? = nil,
    requiringMatches: Bool = false
  ) throws(NameSetError) {
    var evaluator = SetEvaluator(resolver: resolver, requiresMatches: requiringMatches)
    self = try evaluator.evaluate(text)
  }
}

/// Evaluates the terms of one text, and of the groups it mentions.
private struct SetEvaluator {
  let resolver: (any NameResolver)?
  let requiresMatches: Bool
  private var openGroups: [String] = []
  private var knownNames: Set<String>?

  init(resolver: (any NameResolver)?, requiresMatches: Bool) {
    self.resolver = resolver
    self.requiresMatches = requiresMatches
  }

  mutating func evaluate(_ string: String) throws(NameSetError) -> NameSet {
    let text = SetText(string)
    var scanner = SetScanner(text, limit: NameSet.limit)
    var result = NameSet()
    var united = NameSetBuilder()
    while let term = try scanner.next() {
      if case .union = term.operation {
        try insert(term, text, into: &united)
        continue
      }
      result = try checked(result.union(mapped(united)), text)
      united = NameSetBuilder()
      var builder = NameSetBuilder()
      try insert(term, text, into: &builder)
      let operand = mapped(builder)
      switch term.operation {
      case .union: break
      case .difference: result = result.subtracting(operand)
      case .intersection: result = result.intersection(operand)
      case .symmetricDifference: result = result.symmetricDifference(operand)
      }
    }
    return try checked(result.union(mapped(united)), text)
  }

  private func mapped(_ builder: NameSetBuilder) -> NameSet {
    builder.isEmpty ? NameSet() : resolver?.mapped(builder.set) ?? builder.set
  }

  private func checked(_ set: NameSet, _ text: SetText) throws(NameSetError) -> NameSet {
    guard set.count <= NameSet.limit else { throw .tooLarge(limit: NameSet.limit, at: text.place(0)) }
    return set
  }

  private mutating func insert(_ term: SetTerm, _ text: SetText, into builder: inout NameSetBuilder)
    throws(NameSetError)
  {
    switch term.content {
    case .tag(let key, let value):
      guard let resolver else { throw .needsSite(text.string(term.range), at: text.place(term.range.lowerBound)) }
      let names = resolver.tagged(key, value)
      if names.isEmpty, requiresMatches {
        throw .noMatch(text.string(term.range), at: text.place(term.range.lowerBound))
      }
      for name in names { builder.insert(name) }
    case .names(let pattern, let box):
      let template = pattern.template.utf8
      if template.first == UInt8(ascii: "@") {
        guard resolver != nil else { throw .needsSite(text.string(term.range), at: text.place(term.range.lowerBound)) }
        for name in NameSet(patterns: [pattern: IndexBoxes([box])]) {
          builder.insert(try group(String(name.dropFirst()), text, term))
        }
      } else if template.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) {
        builder.insert(try matches(NameSet(patterns: [pattern: IndexBoxes([box])]), text, term))
      } else if term.isWord, let name = bareGroup(text.string(term.range)) {
        builder.insert(try group(name, text, term))
      } else {
        builder.insert(pattern, box)
      }
    }
  }

  /// The word itself when it names a group and no host or bot.
  private mutating func bareGroup(_ word: String) -> String? {
    guard let resolver, resolver.group(word) != nil else { return nil }
    let known = knownNames ?? Set(resolver.all)
    knownNames = known
    return known.contains(word) ? nil : word
  }

  private mutating func group(_ name: String, _ source: SetText, _ term: SetTerm) throws(NameSetError) -> NameSet {
    guard let resolver else { throw .needsSite("@\(name)", at: source.place(term.range.lowerBound)) }
    if name == "*" { return NameSet(names: resolver.all) }
    guard let texts = resolver.group(name) else {
      throw .unknownGroup(name, at: source.place(term.range.lowerBound), among: resolver.groups)
    }
    if let start = openGroups.firstIndex(of: name) {
      throw .groupLoop(Array(openGroups[start...]) + [name], at: source.place(term.range.lowerBound))
    }
    openGroups.append(name)
    var members = NameSetBuilder()
    for text in texts { members.insert(try evaluate(text)) }
    openGroups.removeLast()
    return members.set
  }

  private func matches(_ masks: NameSet, _ text: SetText, _ term: SetTerm) throws(NameSetError) -> NameSet {
    guard let resolver else { throw .needsSite(text.string(term.range), at: text.place(term.range.lowerBound)) }
    let wildcards = masks.map(Wildcard.init)
    let names = resolver.all.filter { name in wildcards.contains { $0.matches(name) } }
    if names.isEmpty, requiresMatches { throw .noMatch(text.string(term.range), at: text.place(term.range.lowerBound)) }
    return NameSet(names: names)
  }
}
