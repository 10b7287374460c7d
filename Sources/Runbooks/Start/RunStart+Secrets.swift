import PrimitiveKit
import RunbookHeader

extension RunStart {
  /// Looks at the secrets that a runbook is given before anything is recorded.
  ///
  /// Throws `runbook.argument` for what names none, without repeating it: somebody may have given the value itself. Throws
  /// `secret.*` for one that cannot be used.
  func checkSecrets(of arguments: RunbookArguments, in world: World) async throws(CallFailure) {
    let secrets = world.service(Secrets.self)
    for (parameter, secret) in arguments.secrets {
      if let names = secrets.names, !names.contains(secret.name) {
        throw CallFailure(
          .invalid,
          code: "runbook.argument",
          message: "'\(parameter)' should be the name of a secret of the site",
          hint: NearestName.question(for: secret.name, in: names)
            ?? (names.isEmpty
              ? "name it in `secrets` of the site"
              : "the site has \(names.joined(separator: ", ")); if what you gave was a value, change it")
        )
      }
      _ = try await secrets.seal(secret)
    }
  }
}
