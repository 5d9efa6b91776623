"""The language of Azure's deployment templates: documents and expressions in, a plan of resources out.

Pure: it reads no clock, asks no service and writes nothing. What a template asks of a running system comes in through
`scope.Runtime`. Cf. "Understand the structure and syntax of ARM templates" in Azure's documentation.
"""
