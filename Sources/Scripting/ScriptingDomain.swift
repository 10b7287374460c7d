package import PrimitiveKit

extension Domain {
  /// What scripts, runbooks and plugins need to speak with the rest of the world: JSON, time, files, programs, HTTP.
  package static var scripting: Domain {
    var domain = Domain("scripting")
    domain.operations = [WriteFile.self, RemoveFile.self, RunProgram.self, SendRequest.self]
    domain.primitives = { surroundings in
      JSONPrimitives.all + TimePrimitives(surroundings).all + FilePrimitives(surroundings).all
        + ProgramPrimitives(surroundings).all + HTTPPrimitives(surroundings).all
    }
    domain.errors = ScriptingErrors.of
    domain.access = { info in
      switch info.name.prefix(while: { $0 != "." }) {
      case "file": .capability("files")
      case "program": .capability("programs")
      case "http": .capability("http")
      default: .anybody
      }
    }
    return domain
  }
}
