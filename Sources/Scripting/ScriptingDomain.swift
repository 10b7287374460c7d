package import PrimitiveKit

extension Domain {
  /// What scripts, runbooks and plugins need to speak with the rest of the world.
  package static var scripting: Domain {
    var domain = Domain("scripting")
    domain.operations = [WriteFile.self, RemoveFile.self]
    domain.primitives = { surroundings in
      JSONPrimitives.all + TimePrimitives(surroundings).all + FilePrimitives(surroundings).all
    }
    return domain
  }
}
