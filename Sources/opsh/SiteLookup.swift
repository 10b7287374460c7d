import Foundations
import Glibc
import PrimitiveKit

/// Finds the site file.
struct SiteLookup {
  let environment: [String: String]
  let exists: (String) -> Bool

  init(environment: [String: String], exists: @escaping (String) -> Bool = { access($0, F_OK) == 0 }) {
    self.environment = environment
    self.exists = exists
  }

  /// The path of the site; nil without a site.
  ///
  /// `--site`, then `$OPSH_SITE`, `./site.lua`, the XDG config directory. Throws `site.missing` when a named file is
  /// not there.
  func path(option: String?) throws(CallFailure) -> String? {
    if let option { return try named(option, by: "--site") }
    if let variable = environment["OPSH_SITE"], !variable.isEmpty { return try named(variable, by: "OPSH_SITE") }
    let config = UserDirectory.config(environment).map { "\($0)/opsh/site.lua" }
    return ["site.lua", config].compactMap(\.self).first(where: exists)
  }

  private func named(_ path: String, by source: String) throws(CallFailure) -> String {
    guard exists(path) else {
      throw CallFailure(
        .invalid,
        code: "site.missing",
        message: "\(source) names '\(path)', which does not exist",
        hint: "give the path of a site.lua"
      )
    }
    return path
  }
}
