/// The internal primitives behind the Lua value `set "…"`.
package enum SetPrimitives {
  /// All of them; `resolver` gives the names of the current site, nil without one.
  ///
  /// `opsh_set_fold` reads what an operator wrote; the others take folded text.
  package static func all(resolver: @escaping @Sendable () -> (any NameResolver)?) -> [Primitive] {
    let text = Parameter<String>("text", "A set in ClusterShell's language")
    let fold = Primitive(
      immediate: "opsh_set_fold",
      "Reads a set and returns its shortest form",
      text,
      returns: "The folded text",
      examples: [Example("opsh_set_fold(\"bot2,bot1\")", "gives bot[1-2]")]
    ) { text throws(NameSetError) in
      try NameSet(parsing: text, resolver: resolver()).folded
    }
    return [fold] + [expand, count, contains, combine]
  }

  private static var folded: Parameter<String> { Parameter("set", "A folded set") }

  private static var expand: Primitive {
    Primitive(
      immediate: "opsh_set_expand",
      "Lists the names of a folded set in order",
      folded,
      returns: "The names",
      examples: [Example("opsh_set_expand(\"bot[1-2]\")", "gives bot1 and bot2")]
    ) { text throws(NameSetError) in
      try NameSet(parsing: text).names
    }
  }

  private static var count: Primitive {
    Primitive(
      immediate: "opsh_set_count",
      "Counts the names of a folded set",
      folded,
      returns: "The number of names",
      examples: [Example("opsh_set_count(\"bot[1-534]\")", "gives 534")]
    ) { text throws(NameSetError) in
      try NameSet(parsing: text).count
    }
  }

  private static var contains: Primitive {
    Primitive(
      immediate: "opsh_set_contains",
      "Says whether a name is in a folded set",
      folded,
      Parameter<String>("name", "One name"),
      returns: "Whether it is in the set",
      examples: [Example("opsh_set_contains(\"bot[1-9]\", \"bot3\")", "gives true")]
    ) { text, name throws(NameSetError) in
      try NameSet(parsing: text).contains(name)
    }
  }

  private static var combine: Primitive {
    Primitive(
      immediate: "opsh_set_combine",
      "Combines two folded sets",
      Parameter<String>(
        "operator",
        "| union, - difference, & intersection, ~ symmetric difference",
        completion: .choices(["|", "-", "&", "~"])
      ),
      Parameter<String>("left", "A folded set"),
      Parameter<String>("right", "A folded set"),
      returns: "The folded text",
      examples: [Example("opsh_set_combine(\"-\", \"web[1-9]\", \"web3\")", "gives web[1-2,4-9]")]
    ) { symbol, left, right throws(CallFailure) in
      let a = try read(left)
      let b = try read(right)
      switch symbol {
      case "|": return a.union(b).folded
      case "-": return a.subtracting(b).folded
      case "&": return a.intersection(b).folded
      case "~": return a.symmetricDifference(b).folded
      default:
        throw CallFailure(
          .invalid,
          code: "call.argument",
          message: "opsh_set_combine: 'operator' should be |, -, & or ~, got '\(symbol)'"
        )
      }
    }
  }

  private static func read(_ text: String) throws(CallFailure) -> NameSet {
    do throws(NameSetError) {
      return try NameSet(parsing: text)
    } catch {
      throw CallFailure(error)
    }
  }
}
