/// Types as LuaLS writes them, as far as generated files need to read them.
package enum LuaTypeText {
  /// The types of Lua and of LuaLS itself.
  private static let known: Set<String> = [
    "any", "boolean", "false", "fun", "function", "integer", "nil", "number", "string", "table", "true",
  ]

  /// The names of types in an annotation, without those of Lua.
  package static func names(_ type: String) -> Set<String> {
    // Texts are values; a name before a colon is that of a parameter.
    let plain = type.replacing(/"[^"]*"/, with: "").replacing(/[A-Za-z_][A-Za-z0-9_]*\??:/, with: "")
    return Set(plain.matches(of: /[A-Za-z_][A-Za-z0-9_.]*/).map { String($0.output) }).subtracting(known)
  }

  /// The type of one element: `fleet.Bot` of `fleet.Bot[]?`.
  package static func element(_ type: String) -> String {
    var type = required(type)
    while type.hasSuffix("[]") { type.removeLast(2) }
    return type
  }

  /// Whether it may be left out.
  package static func isOptional(_ type: String) -> Bool { type.hasSuffix("?") }

  /// The type without the sign that it may be left out.
  package static func required(_ type: String) -> String { isOptional(type) ? String(type.dropLast()) : type }

  /// What a type is that no record and no table declares.
  static func meaning(of name: String) -> (type: String, help: String) {
    switch name {
    case "duration": ("number|string", "A length of time: seconds, or a text such as `\"2m\"`.")
    case "hosts", "bots": ("string|set", "A set of \(name), or its text.")
    case "image", "digest", "run", "speed", "reason", "path", "url": ("string", "The text of a \(name).")
    case "system": ("string|table", "A system of the site, or its name.")
    case "secret": ("string|Secret", "A secret of the site, or its name.")
    case "set": ("string", "The text of a set.")
    default: ("any", "Checked when it is used.")
    }
  }
}
