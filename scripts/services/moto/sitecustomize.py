"""Python runs this before moto's server (PYTHONPATH): the environment of Batch jobs becomes what AWS makes of it.

The elements of an array share one list of variables in moto, and each element, and each look at one, adds its own id to that list
while others read it; so now and then two elements take themselves for the same one. Here each has variables of its own, with its
number as AWS gives it.
"""

from moto.batch.models import Job

_property_of = Job._get_container_property


def _property(job, name, default):
    if name != "environment":
        return _property_of(job, name, default)
    variables = {}
    for given in (job.job_definition.container_properties, job.container_overrides):
        variables.update({entry["name"]: entry["value"] for entry in given.get(name, default)})
    variables["AWS_BATCH_JOB_ID"] = job.job_id
    index = job.array_properties.get("index")
    if index is not None:
        variables["AWS_BATCH_JOB_ARRAY_INDEX"] = str(index)
    return [{"name": key, "value": value} for key, value in variables.items()]


Job._get_container_property = _property
