/// A table or handle that Lua code gets or writes, declared once: what is no record of a primitive.
///
/// Annotations for editors and pages of the reference are made of it.
package struct LuaShape: Sendable {
  /// Its name in annotations, for example `opsh.Job`.
  package let name: String
  /// What it is, in one sentence.
  package let summary: String
  package let fields: [FieldInfo]
  package let methods: [LuaFunction]
  /// What operators answer, as LuaLS writes them, for example `len: integer`.
  package let operators: [String]

  package init(
    _ name: String,
    _ summary: String,
    fields: [FieldInfo] = [],
    methods: [LuaFunction] = [],
    operators: [String] = []
  ) {
    self.name = name
    self.summary = summary
    self.fields = fields
    self.methods = methods
    self.operators = operators
  }

  /// What `---@field` names, in order.
  package var fieldNames: [String] { fields.map(\.name) }
}

/// A function of Lua that is no primitive: a method of a handle, or a global of the library.
package struct LuaFunction: Sendable {
  package let name: String
  /// What it does: a sentence that begins with a verb in the third person.
  package let summary: String
  /// A type that ends in `?` may be left out; the name `...` takes the rest.
  package let parameters: [FieldInfo]
  package let returns: ReturnInfo?

  package init(_ name: String, _ summary: String, _ parameters: [FieldInfo] = [], returns: ReturnInfo? = nil) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.returns = returns
  }

  /// The call in one line, what may be left out in brackets.
  package var signature: String {
    let names = parameters.map { $0.type.hasSuffix("?") ? "[\($0.name)]" : $0.name }
    return "\(name)(\(names.joined(separator: ", ")))"
  }
}
