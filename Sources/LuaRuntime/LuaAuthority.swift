package import PrimitiveKit
import Synchronization

/// What code of one plugin may do: it has globals, library and primitives of its own in the engine's state.
///
/// Authority is lexical: a function acts with that of the plugin whose code it is, whoever calls it. It lives as long as
/// it or a function that was loaded with it is held; code that outlives it calls nothing any more.
package final class LuaAuthority: Sendable {
  /// Raises what a call is refused with; gets the primitive and the arguments.
  ///
  /// Primitives behind functions of the prelude come here too, such as `opsh_set_fold` for `set`.
  package typealias Permit = @Sendable (PrimitiveInfo, [Value]) throws(CallFailure) -> Void

  /// Throws where the bytes of a module may not run.
  package typealias Admission = @Sendable (_ path: String, _ bytes: [UInt8]) throws(CallFailure) -> Void

  /// The plugin's id.
  package let name: String
  let number: Int32
  let permit: Permit
  let modules: ModuleFiles
  /// Where the relative paths that its code names start; nil for where those of its caller do.
  let folder: String?
  private let released: ReleasedReferences

  init(
    name: String,
    number: Int32,
    permit: @escaping Permit,
    modules: ModuleFiles,
    folder: String?,
    released: ReleasedReferences
  ) {
    self.name = name
    self.number = number
    self.permit = permit
    self.modules = modules
    self.folder = folder
    self.released = released
  }

  deinit { released.add(authority: number) }

  /// Whether it is one of the engine that `list` belongs to.
  func belongs(to list: ReleasedReferences) -> Bool { released === list }
}

/// The authorities of one engine that are held somewhere, by number.
///
/// Used on the thread of its engine only.
struct LuaAuthorities {
  private struct Entry {
    weak var authority: LuaAuthority?
  }

  private var entries: [Int32: Entry] = [:]
  private var last: Int32 = 0

  /// A number that no authority had before.
  mutating func newNumber() -> Int32 {
    last += 1
    return last
  }

  mutating func add(_ authority: LuaAuthority) { entries[authority.number] = Entry(authority: authority) }

  mutating func remove(_ number: Int32) { entries[number] = nil }

  /// The authority that a call acts with; throws `plugin.gone` when nobody holds it any more.
  func holder(_ number: Int32) throws(CallFailure) -> LuaAuthority {
    guard let authority = entries[number]?.authority else {
      throw CallFailure(.refused, code: "plugin.gone", message: "the plugin that makes this call is no longer loaded")
    }
    return authority
  }
}

extension CallContext {
  /// The code that makes the call is that of a plugin; nil for the operator's.
  mutating func act(for authority: LuaAuthority?) {
    plugin = authority?.name
    if let own = authority?.folder { folder = own }
  }
}
