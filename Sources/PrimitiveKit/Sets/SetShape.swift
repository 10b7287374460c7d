extension LuaShape {
  /// What `set "…"` answers.
  package static let set = LuaShape(
    "set",
    "A set of names of hosts or bots, made by `set \"web[1-9]!web3\"`; it cannot be changed",
    fields: [FieldInfo("[integer]", "string", "The names in order, from 1")],
    methods: [
      LuaFunction(
        "contains",
        "Says whether a name is in the set.",
        [FieldInfo("name", "string", "One name")],
        returns: ReturnInfo(type: "boolean", help: "Whether it is")
      )
    ],
    operators: [
      "len: integer", "bor(string|set): set", "sub(string|set): set", "band(string|set): set", "bxor(string|set): set",
      "concat(any): string", "call: string?",
    ]
  )
}

extension LuaFunction {
  /// The global `set`.
  package static let set = LuaFunction(
    "set",
    "Makes a set of hosts or bots from its text, or from a list of names.",
    [FieldInfo("text", "string|string[]|set", "For example `web[1-9]!web3`, `@production`, `web*`")],
    returns: ReturnInfo(type: "set", help: "The set")
  )

  /// The globals about values that a dry run cannot know.
  package static let unknowns = [
    LuaFunction(
      "is_unknown",
      "Says whether a dry run cannot know a value; false in a live run.",
      [FieldInfo("value", "any", "The value")],
      returns: ReturnInfo(type: "boolean", help: "Whether it is unknown")
    ),
    LuaFunction(
      "unwrap",
      "Returns a value, or the default in a dry run that cannot know it; the plan names the assumption.",
      [FieldInfo("value", "any", "The value"), FieldInfo("default", "any?", "Without one, such a dry run stops here")],
      returns: ReturnInfo(type: "any", help: "The value or the default")
    ),
  ]
}
