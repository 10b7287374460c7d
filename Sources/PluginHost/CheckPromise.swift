import PrimitiveKit

/// A check as a manifest declares it: how its number is judged is data, and `init.lua` measures it.
struct CheckPromise: Sendable, Equatable {
  /// The name of its function in `init.lua`.
  let name: String
  /// It is called PLUGIN.NAME.
  let declaration: CheckDeclaration
  /// As it is written in the manifest, for errors.
  let path: String

  /// Throws a `DataError` for what is wrong, also for thresholds that cannot judge.
  init(reading entry: DataField, of id: String) throws(DataError) {
    guard case .table = entry.value else { throw entry.wrong("a table with name, summary and ok") }
    try entry.allow(["name"] + CheckDeclaration.fields)
    let field = try entry.required("name", "the name after `\(id).`")
    name = try field.plainName("the name after `\(id).`")
    guard !name.contains(".") else { throw field.wrong("a name without '.'", hint: "the check is called \(id).NAME") }
    declaration = try CheckDeclaration(reading: entry, name: "\(id).\(name)")
    path = entry.path
  }
}
